//! The distributions that the statistics stand on: what statrs has, checked, and what it lacks.

mod noncentral_t;
mod quantile;

pub use noncentral_t::{noncentral_t_cdf, noncentral_t_quantile};
pub use quantile::{
    chi_squared_cdf, chi_squared_quantile, fisher_upper_point, fisher_upper_tail, normal_cdf,
    normal_density, normal_quantile, student_cdf, student_quantile,
};
