//! The symbols of units and prefixes that people write.

use super::dimension::Dimension;

/// A symbol as it may stand in a term.
pub(super) struct Symbol {
    /// As it is written and shown.
    pub(super) text: &'static str,
    /// What it measures.
    pub(super) dimension: Dimension,
    /// How many base units it is: `multiplier` x 10^`power`.
    pub(super) multiplier: u32,
    pub(super) power: i32,
    /// Whether `m`, `k` and the like may stand before it.
    pub(super) prefixes: bool,
}

const fn plain(text: &'static str, dimension: Dimension) -> Symbol {
    Symbol { text, dimension, multiplier: 1, power: 0, prefixes: true }
}

const fn fixed(text: &'static str, dimension: Dimension, multiplier: u32, power: i32) -> Symbol {
    Symbol { text, dimension, multiplier, power, prefixes: false }
}

const VOLT: Dimension = Dimension::electrical(1, 0, 0);
const SECOND: Dimension = Dimension::electrical(0, 0, 1);
const CHARGE: Dimension = Dimension::electrical(0, 1, 1);
const ENERGY: Dimension = Dimension::electrical(1, 1, 1);

/// All of them. What the same dimension is measured in comes once as its base and then as what people
/// write on a bench.
pub(super) const SYMBOLS: [Symbol; 30] = [
    plain("V", VOLT),
    plain("A", Dimension::electrical(0, 1, 0)),
    plain("s", SECOND),
    plain("W", Dimension::electrical(1, 1, 0)),
    plain("Ω", Dimension::electrical(1, -1, 0)),
    plain("S", Dimension::electrical(-1, 1, 0)),
    plain("Hz", Dimension::electrical(0, 0, -1)),
    plain("C", CHARGE),
    plain("F", Dimension::electrical(-1, 1, 1)),
    plain("H", Dimension::electrical(1, -1, 1)),
    plain("J", ENERGY),
    plain("K", Dimension::base(3)),
    plain("m", Dimension::base(8)),
    plain("Vpp", VOLT),
    plain("Vrms", VOLT),
    plain("VA", Dimension::electrical(1, 1, 0)),
    Symbol { text: "Ah", dimension: CHARGE, multiplier: 36, power: 2, prefixes: true },
    Symbol { text: "Wh", dimension: ENERGY, multiplier: 36, power: 2, prefixes: true },
    fixed("min", SECOND, 6, 1),
    fixed("h", SECOND, 36, 2),
    fixed("°C", Dimension::base(4), 1, 0),
    fixed("°", Dimension::base(5), 1, 0),
    fixed("dB", Dimension::base(6), 1, 0),
    fixed("dBm", Dimension::base(7), 1, 0),
    fixed("%", Dimension::NONE, 1, -2),
    fixed("‰", Dimension::NONE, 1, -3),
    fixed("ppm", Dimension::NONE, 1, -6),
    fixed("ppb", Dimension::NONE, 1, -9),
    fixed("1", Dimension::NONE, 1, 0),
    fixed("year", SECOND, 31_536, 3),
];

/// Other spellings, looked up before [`SYMBOLS`].
const SPELLINGS: [(&str, &str); 9] = [
    ("Ohm", "Ω"),
    ("ohm", "Ω"),
    ("\u{2126}", "Ω"),
    ("degC", "°C"),
    ("\u{2103}", "°C"),
    ("C°", "°C"),
    ("deg", "°"),
    ("years", "year"),
    ("VRMS", "Vrms"),
];

/// SI prefixes with their powers of ten, the largest first.
pub(super) const PREFIXES: [(&str, i32); 11] = [
    ("T", 12),
    ("G", 9),
    ("M", 6),
    ("k", 3),
    ("m", -3),
    ("µ", -6),
    ("\u{3bc}", -6),
    ("u", -6),
    ("n", -9),
    ("p", -12),
    ("f", -15),
];

/// A symbol by any of its spellings.
pub(super) fn symbol(text: &str) -> Option<&'static Symbol> {
    let spelled = SPELLINGS.iter().find(|(other, _)| *other == text).map_or(text, |(_, own)| own);
    SYMBOLS.iter().find(|symbol| symbol.text == spelled)
}
