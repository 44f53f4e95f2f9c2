//! Axes, and what is waited for.

use bench_catalog::{Setting, SettingKind};

use crate::bounds::MAX_AXIS_POINTS;

use super::super::keys::{Kind, Table, key, needed};
use super::table;

/// A settle.
pub(super) const WAITED_FOR: Kind = Kind::Either(&[Kind::Quantity, Kind::Table(&STABLE)]);

pub(super) static AXIS: Table = table(
    "axis",
    "an axis",
    "A series of setpoints: a list, or from, to and points or step; or how often, or for how long.",
    &[
        needed("axis", Kind::Name, "Its name."),
        key(
            "role",
            Kind::Name,
            "Who is set. Without role and setting nothing is: the axis counts parts, operators or trials.",
        ),
        key("setting", Kind::Words(quantity_settings), "What is set."),
        key("list", Kind::List(&Kind::Quantity), "The setpoints."),
        key("from", Kind::Quantity, "The first setpoint."),
        key("to", Kind::Quantity, "The last setpoint."),
        key(
            "count",
            Kind::Whole(1, MAX_AXIS_POINTS),
            "How often the points of the axis are gone through: it counts 1, 2, .. and sets nothing.",
        ),
        key(
            "every",
            Kind::Quantity,
            "From one point to the next as time, with 'for': the axis is the time since its first point, is waited \
             for, and sets nothing.",
        ),
        key("for", Kind::Quantity, "How long, with 'every': \"8 h\"."),
        key("csv", Kind::Table(&CSV), "The setpoints, from a column of a CSV file."),
        key(
            "zip",
            Kind::Switch,
            "Whether it moves together with the axis before it: as many setpoints, one point for each pair.",
        ),
        key(
            "direction",
            Kind::Words(|| vec!["up", "down", "both"]),
            "The lowest setpoint first, the highest first, or up and then down again: then the axis \
             NAME_direction, 1 for up and -1 for down, tells the points apart. As written where it is not given.",
        ),
        key(
            "shuffle",
            Kind::Whole(0, u32::MAX),
            "An order of chance, which is the same for the same number; another one each time.",
        ),
        key("points", Kind::Whole(2, MAX_AXIS_POINTS), "How many setpoints, both ends included."),
        key("step", Kind::Quantity, "From one setpoint to the next."),
        key("spacing", Kind::Words(|| vec!["linear", "log"]), "How points lie between the ends."),
        key(
            "settle",
            WAITED_FOR,
            "How long to wait whenever it moves, or until what is stable; behind all of its group.",
        ),
        key("expect_mode", Kind::Words(|| vec!["cv", "cc"]), "How the supply must regulate."),
        key(
            "stop_when",
            Kind::Table(&STOP),
            "What ends this axis, the innermost, before its last setpoint; the points behind it are skipped.",
        ),
    ],
);

static STOP: Table = table(
    "stop",
    "an early stop",
    "A result of this step that ends the axis. crossing(..) in a computation says where exactly it was.",
    &[
        key("leaf", Kind::Text, "Which of 'each'; the step's own where it is not given."),
        key(
            "below",
            Kind::Text,
            "Below what: \"4.75 V\", or \"99 % of first\", of that at the first setpoint.",
        ),
        key("above", Kind::Text, "Above what."),
    ],
);

static CSV: Table = table(
    "csv",
    "a CSV file",
    "A column of a CSV file: its first line has the names of the columns.",
    &[
        needed("file", Kind::Text, "The file, relative to the plan; inside of its project."),
        needed("column", Kind::Text, "The column's name."),
        key("unit", Kind::Text, "The unit of its numbers; without one each has its own: 500 mA."),
    ],
);

static STABLE: Table = table(
    "stable",
    "a stability",
    "Reads until the readings of a window lie close together. They are looked at and not recorded; where they \
     do not come to rest in time, the point is an ERROR that says what was seen.",
    &[
        needed("until_stable", Kind::Quantity, "How far apart they may lie: \"1 mV\"."),
        needed("window", Kind::Quantity, "For how long: \"200 ms\"."),
        needed("within", Kind::Quantity, "How long it may take: \"5 s\"."),
        needed("reading", Kind::Name, "Which of [readings]."),
    ],
);

fn quantity_settings() -> Vec<&'static str> {
    let is_quantity = |setting: &&Setting| matches!(setting.kind(), SettingKind::Quantity(_));
    Setting::ALL.iter().filter(is_quantity).map(|setting| setting.word()).collect()
}
