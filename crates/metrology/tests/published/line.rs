//! Straight lines: NIST's Norris and the thermometer of the GUM.

use metrology::process::LinearFit;

use crate::fixture::{Published, agree, rounds_to};

/// NIST StRD, linear regression, Norris.
#[test]
fn norris_is_certified() {
    let set = Published::read("strd-norris.txt");
    let pairs: Vec<Vec<f64>> =
        set.rows().map(|row| row.iter().map(|word| word.parse().unwrap()).collect()).collect();
    let [y, x] = [0, 1].map(|column| pairs.iter().map(|pair| pair[column]).collect::<Vec<f64>>());
    let fit = LinearFit::of(&x, &y).unwrap();
    agree(fit.slope(), set.value("slope"), 1e-14);
    agree(fit.intercept(), set.value("intercept"), 1e-11);
    agree(fit.slope_error(), set.value("slope_deviation"), 1e-12);
    agree(fit.intercept_error(), set.value("intercept_deviation"), 1e-12);
    agree(fit.residual_deviation(), set.value("residual_deviation"), 1e-12);
    agree(fit.determination().unwrap(), set.value("r_squared"), 1e-14);
}

/// JCGM 100:2008, H.3, tables H.6 and H.7: calibration of a thermometer about 20 °C.
#[test]
fn gum_h3_thermometer() {
    let read =
        [21.521, 22.012, 22.512, 23.003, 23.507, 23.999, 24.513, 25.002, 25.503, 26.010, 26.511];
    let correction =
        [-0.171, -0.169, -0.166, -0.159, -0.164, -0.165, -0.156, -0.157, -0.159, -0.161, -0.160];
    let fit = LinearFit::of(&read.map(|celsius: f64| celsius - 20.0), &correction).unwrap();
    rounds_to(fit.intercept(), "-0.1712");
    rounds_to(fit.intercept_error(), "0.0029");
    rounds_to(fit.slope(), "0.00218");
    rounds_to(fit.slope_error(), "0.00067");
    rounds_to(fit.correlation(), "-0.930");
    rounds_to(fit.residual_deviation(), "0.0035");
    rounds_to(fit.at(10.0), "-0.1494");
    rounds_to(fit.error_at(10.0), "0.0041");
    assert_eq!(fit.freedom(), 9.0);
}
