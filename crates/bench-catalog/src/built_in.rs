//! The dialects that are built in, each a file of `dialects/`.

/// A file of `dialects/` with its text.
macro_rules! files {
    ($($name:literal,)+) => {
        &[$(($name, include_str!(concat!("../dialects/", $name))),)+]
    };
}

/// File and text of each. What an instrument says of itself is compared in this order.
pub(crate) const BUILT_IN: &[(&str, &str)] = files![
    "rigol_dp800.toml",
    "rigol_dl3000.toml",
    "rigol_mso5000.toml",
    "keysight_truevolt.toml",
    "siglent_spd3000x.toml",
    "keysight_e36300.toml",
    "rs_hmp.toml",
    "rs_nge100.toml",
    "owon_p4000.toml",
    "owon_spe.toml",
    "siglent_sdl1000x.toml",
    "keithley_dmm6500.toml",
    "siglent_sdm3045x.toml",
    "siglent_sdm3055.toml",
    "siglent_sdm3065x.toml",
    "rigol_dm3000.toml",
    "rigol_ds1000z.toml",
    "keysight_infiniivision.toml",
    "siglent_sds1000x_e.toml",
    "siglent_sds2000x_plus.toml",
    "siglent_sds_hd.toml",
    "tektronix_mso.toml",
    "siglent_sdg2000x.toml",
    "rigol_dg1000z.toml",
    "scpi_multimeter.toml",
    "scpi_power_supply.toml",
    "scpi_load.toml",
    "scpi_instrument.toml",
];
