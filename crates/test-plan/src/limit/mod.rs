//! Limits as engineers write them: text to a [`Form`], and at each point of a sweep to a
//! [`bench_model::Limit`] with exact bounds.
//!
//! | text | means |
//! | --- | --- |
//! | `4.75 V .. 5.25 V`, `> 1 V .. < 2 V` | between two, the ends inside unless a sign says otherwise |
//! | `>= 1 V`, `< 5 mV` | on one side |
//! | `5 V ± 1 %`, `5 V ± 50 mV`, `1 A ± (0.2 % + 10 mA)` | around a nominal |
//! | `5 V ± (35 ppm rdg + 5 ppm range)` | the same, of the nominal and of the range in force |
//! | `± (4 ppm + 2 ppm/year)` | so much more for each year since the instrument's calibration |
//! | `± (35 ppm rdg + 2 ppm/°C rdg)` | for each degree that the ambient lies outside of 18 °C .. 28 °C |
//! | `bits 4, 7 set and 0-3 clear` | bits of a status register |
//! | `5 V +2 % -1 %` | more on one side than on the other |
//! | `setpoint ± (0.05 % + 10 mV)`, `setpoint.vi ± 1 %` | around what was sent |
//! | `== 3`, `one of 1, 2, 5` | these numbers |
//! | `"ON"`, `one of "ON", "1"`, `/regex/` | words |
//! | `overload` | the instrument's overload is what is wanted |

mod bits;
mod drift;
mod form;
mod grammar;
mod resolve;

pub(crate) use drift::{Drift, degrees_outside};
pub(crate) use form::Form;
pub(crate) use grammar::parse_limit;
pub(crate) use resolve::{Surroundings, resolve};

#[cfg(test)]
mod tests;
