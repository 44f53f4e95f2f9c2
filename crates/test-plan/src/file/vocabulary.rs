//! All tables and keys of a plan. The reader and the JSON Schema are both driven by what stands here.

use bench_catalog::{Class, Function, WaveformMeasure};

use metrology::decision::DecisionRule;

use crate::bounds::{MAX_RETRIES, MAX_SAMPLES};
use crate::plan::TestType;

use super::keys::{Key, Kind, Table, key, needed};

mod captures;
mod corrections;
mod infrastructure;
mod prompts;
mod sweeps;

use captures::CAPTURE;
use corrections::CORRECTION;
use infrastructure::INFRASTRUCTURE;
use prompts::PROMPT;
use sweeps::{AXIS, WAITED_FOR};

const fn table(
    name: &'static str,
    title: &'static str,
    doc: &'static str,
    keys: &'static [Key],
) -> Table {
    Table { title, name, doc, keys, settings: false }
}

pub(super) static PLAN: Table = table(
    "plan",
    "a plan",
    "A test plan.",
    &[
        needed("name", Kind::Text, "What is tested, for people."),
        key("version", Kind::Text, "The version of the plan."),
        key(
            "type",
            Kind::Words(|| TestType::ALL.map(TestType::word).to_vec()),
            "What kind of test its sessions are; \"infrastructure\" where nothing but that is looked at, else \
             \"scpi_automated\".",
        ),
        key(
            "timeout",
            Kind::Quantity,
            "How long setup and steps may take; the cleanup is run all the same.",
        ),
        key("sim", Kind::BenchName, "The simulated bench that runs it when there is no lab."),
        key(
            "resume",
            Kind::Words(|| vec!["step", "point"]),
            "Where a session that was cut goes on: at the step's first point, or at the point.",
        ),
        key("dut", Kind::Table(&DUT), "What is tested."),
        key("parameters", Kind::Named(&PARAMETER), "Values that --set changes; used as $name."),
        key("environment", Kind::Named(&ENVIRONMENT), "What the surroundings are."),
        key("instruments", Kind::Named(&ROLE), "The roles: one channel of one instrument each."),
        key("safe_state", Kind::Table(&SAFE_STATE), "How everything is switched off."),
        key("readings", Kind::Named(&READING), "How quantities are read."),
        key("captures", Kind::Named(&CAPTURE), "How waveforms are captured."),
        key("corrections", Kind::Named(&CORRECTION), "What readings are corrected by."),
        key("setup", STEPS, "Steps that always run first."),
        needed("steps", STEPS, "The steps."),
        key("cleanup", STEPS, "Steps that always run last."),
    ],
);

/// Steps, and files of steps in their places.
const STEPS: Kind = Kind::List(&Kind::ByKey { key: "include", with: &INCLUDE, without: &STEP });

static INCLUDE: Table = table(
    "include",
    "an included file of steps",
    "The steps of another file, which stand here; what it defines joins the plan.",
    &[needed("include", Kind::Text, "The file: beside the plan, or from the top of its project.")],
);

pub(super) static STEP_FILE: Table = table(
    "step_file",
    "a file of steps",
    "Steps for several plans, with what they need. Where the plan itself has a role or a parameter of the same name, \
     the plan's is taken.",
    &[
        key("name", Kind::Text, "What it is, for people."),
        key("parameters", Kind::Named(&PARAMETER), "Values that --set changes; used as $name."),
        key("environment", Kind::Named(&ENVIRONMENT), "What the surroundings are."),
        key("instruments", Kind::Named(&ROLE), "The roles: one channel of one instrument each."),
        key("readings", Kind::Named(&READING), "How quantities are read."),
        key("captures", Kind::Named(&CAPTURE), "How waveforms are captured."),
        key("corrections", Kind::Named(&CORRECTION), "What readings are corrected by."),
        key("steps", STEPS, "The steps."),
    ],
);

static DUT: Table = table(
    "dut",
    "the DUT",
    "What is tested.",
    &[
        key("model", Kind::Text, "Its model."),
        key(
            "serial",
            Kind::Either(&[Kind::Text, Kind::Table(&SERIAL)]),
            "Its serial number, or what one looks like.",
        ),
    ],
);

static SERIAL: Table = table(
    "serial",
    "a serial number",
    "What a serial number looks like.",
    &[
        needed("pattern", Kind::Text, "A regular expression that all of it matches."),
        key("sim", Kind::Text, "The serial number of a simulated DUT."),
    ],
);

static PARAMETER: Table = table(
    "parameter",
    "a parameter",
    "A value that --set changes.",
    &[
        needed("default", Kind::Text, "Its value where --set gives none: a quantity or a text."),
        key("min", Kind::Quantity, "The least that it may be."),
        key("max", Kind::Quantity, "The most that it may be."),
        key("help", Kind::Text, "What it is for."),
    ],
);

static ENVIRONMENT: Table = table(
    "environment",
    "an environment value",
    "Something of the surroundings, stated or read.",
    &[
        key("ask", Kind::Text, "What is asked for; --set NAME=VALUE answers."),
        key("reading", Kind::Name, "The reading that gives it."),
        key("limit", Kind::Limit, "What it must be."),
        key("sim", Kind::Quantity, "What it is on a simulated bench."),
    ],
);

static ROLE: Table = table(
    "role",
    "a role",
    "One channel of one instrument by its part in the plan; a bench file says which.",
    &[
        needed("class", Kind::Words(classes), "What kind of instrument plays it."),
        key("max_voltage", Kind::Quantity, "The most voltage that is ever set; refused beyond."),
        key("max_current", Kind::Quantity, "The most current that is ever set; refused beyond."),
        key("sense", Kind::Words(|| vec!["remote", "local"]), "Where the voltage is sensed."),
        key(
            "calibration",
            Kind::Words(|| vec!["required", "waived"]),
            "Whether its calibration must be valid.",
        ),
        key("warm_up", Kind::Quantity, "How long it must have been on."),
        key("raw_allowed", Kind::Switch, "Whether raw commands may be sent to it."),
        key(
            "identity",
            Kind::Words(|| vec!["checked", "any"]),
            "\"any\": another model or serial number than the bench file says is used too, with a warning.",
        ),
    ],
);

static SAFE_STATE: Table = table(
    "safe_state",
    "the safe state",
    "How everything that can energise is switched off.",
    &[
        key(
            "order",
            Kind::List(&Kind::List(&Kind::Name)),
            "Roles in stages: those of one stage at once, the stages one after the other.",
        ),
        key("discharged", Kind::Table(&DISCHARGED), "What must have come down afterwards."),
        key(
            "keep_on",
            Kind::List(&Kind::Table(&KEPT_ON)),
            "Roles whose outputs are never switched off, by whatever end: they are named in the record.",
        ),
        key(
            "ramp",
            Kind::List(&Kind::Table(&RAMP)),
            "Supplies whose voltage is brought down in steps first. No end in haste waits for that.",
        ),
        key(
            "pause",
            Kind::Words(|| vec!["off", "keep"]),
            "What a pause does to outputs: \"off\" (so by itself) switches them off and on again, \"keep\" leaves them.",
        ),
        key(
            "heartbeat",
            Kind::Quantity,
            "After which silence a run is taken for hung and its outputs are switched off; \"2 s\" by itself.",
        ),
    ],
);

static RAMP: Table = table(
    "ramp",
    "a ramp",
    "A supply whose voltage is brought down in steps before its output goes off.",
    &[
        needed("role", Kind::Name, "The role."),
        needed("within", Kind::Quantity, "How long that takes, at most 10 s."),
    ],
);

static KEPT_ON: Table = table(
    "kept_on",
    "a role that is kept on",
    "An output that no end of the run switches off.",
    &[needed("role", Kind::Name, "The role."), needed("reason", Kind::Text, "Why.")],
);

static DISCHARGED: Table = table(
    "discharged",
    "the discharge",
    "What must have come down after everything is off; a warning, no verdict.",
    &[
        needed("reading", Kind::Name, "The reading."),
        needed("limit", Kind::Limit, "What it must be."),
        needed("within", Kind::Quantity, "How long it may take."),
        key(
            "by",
            Kind::List(&Kind::Name),
            "Loads that stay on for that, and go off last; they are in no stage of 'order'.",
        ),
    ],
);

static READING: Table = table(
    "reading",
    "a reading",
    "How a quantity is read, whole: nothing is inherited from a front panel.",
    &[
        needed("role", Kind::Name, "Who reads it."),
        needed("function", Kind::Words(functions), "What is measured."),
        key("range", Kind::Quantity, "The range, or \"auto\"."),
        key("nplc", Kind::Number, "The integration time in power line cycles."),
        key("auto_zero", Kind::Switch, "Whether the zero is taken anew with each reading."),
        key("input_impedance", Kind::Text, "The input's impedance: \"10 MΩ\", \"high\"."),
        key(
            "unit",
            Kind::Text,
            "Of what a person reads (class \"manual\"), with function = \"entry\": \"mm\"; \"\" where it has none.",
        ),
        key(
            "ask",
            Kind::Text,
            "What a person is asked to read; outputs stay as they are meanwhile.",
        ),
        key("sim", Kind::Quantity, "What a person would read on a simulated bench."),
        key("samples", Kind::Whole(1, MAX_SAMPLES), "How many readings are taken."),
        key("judge", Kind::Words(judges), "Which of them is judged."),
        key("until", Kind::Table(&UNTIL), "When fewer readings than 'samples' are enough."),
        key("budget", Kind::List(&Kind::Table(&BUDGET_LINE)), "What makes its readings uncertain."),
        key(
            "corrections",
            Kind::List(&Kind::Name),
            "Which of [corrections], one after the other: what is judged is the corrected reading. 'until' and \
             'settle' look at readings as they came.",
        ),
    ],
);

static UNTIL: Table = table(
    "until",
    "a precision",
    "Readings are taken until their mean is precise enough, or 'samples' are taken.",
    &[
        needed(
            "half_width",
            Kind::Quantity,
            "Half of the interval that holds the mean with 95 % (Student's t), at most.",
        ),
        key(
            "at_least",
            Kind::Whole(2, MAX_SAMPLES),
            "How many readings are taken in any case; 10 where it is not given.",
        ),
    ],
);

static BUDGET_LINE: Table = table(
    "budget_line",
    "a line of an uncertainty budget",
    "Something that makes a reading uncertain; the scatter of several readings is added by itself.",
    &[
        needed("name", Kind::Text, "What it is called."),
        key("data_sheet", Kind::Switch, "true: the accuracy of the instrument, by its data sheet."),
        key("standard", Kind::Quantity, "A standard uncertainty."),
        key("within", Kind::Quantity, "Bounds ±: half of their distance."),
        key("expanded", Kind::Quantity, "An expanded uncertainty, as certificates state it."),
        key("factor", Kind::Number, "The coverage factor of 'expanded'; 2 where it is not given."),
        key(
            "shape",
            Kind::Words(shapes),
            "The distribution: bounds are rectangular by themselves.",
        ),
        key("freedom", Kind::Number, "Degrees of freedom; infinitely many where it is not given."),
        key(
            "sensitivity",
            Kind::Quantity,
            "Unit of the reading per unit of the input, \"20 µV/°C\"; 1 where it is not given.",
        ),
        key("correlated", Kind::Table(&CORRELATED), "With which other line it goes together."),
    ],
);

static CORRELATED: Table = table(
    "correlated",
    "a correlation",
    "How two lines of a budget go together.",
    &[
        needed("with", Kind::Text, "The name of the other line."),
        needed("coefficient", Kind::Number, "From -1 to 1."),
    ],
);

/// A limit of a step.
const LIMIT: Kind = Kind::Either(&[Kind::Limit, Kind::Table(&LIMIT_TABLE)]);

// What a step and each of its parts have in common.
const NAME: Key = key("name", Kind::Text, "What it is, for people.");
static AN_APPLY: Kind = Kind::Table(&APPLY);
const SET_FIRST: Key = key("apply", Kind::List(&AN_APPLY), "What is set first.");
const SETTLE: Key = key("settle", WAITED_FOR, "How long to wait then, or until what is stable.");
const MEASURES: Key = key("measure", Kind::Table(&MEASURE), "Takes a reading.");
const CAPTURES: Key = key("capture", Kind::Table(&TAKE), "Captures a waveform and measures it.");
const SENDS: Key = key("scpi", Kind::Table(&SCPI), "Sends any SCPI at all.");
const ASKS: Key = key("prompt", Kind::Table(&PROMPT), "Asks the operator.");
const LOOKS: Key =
    key("infrastructure", Kind::Table(&INFRASTRUCTURE), "Asks a port, an address or a name.");
const WAITS: Key = key("wait", Kind::Quantity, "Waits this long.");
const ON_ERROR: Key = key(
    "on_error",
    Kind::Words(|| vec!["stop", "continue"]),
    "Whether the plan goes on after an error of the equipment.",
);

static STEP: Table = table(
    "step",
    "a step",
    "A named part of the plan: settings, then a sweep, then one action or several.",
    &[
        needed("id", Kind::Name, "Its name in results and expressions."),
        NAME,
        key("tags", Kind::List(&Kind::Name), "By which --tag and --skip choose."),
        key(
            "only_if",
            Kind::Text,
            "What earlier results must be, else the step is skipped with this reason: \"rail.vout passed\" \
             (or failed, errored, inconclusive, skipped, ran), \"not rail failed\", \"idle.vout > 4.5 V\"; \
             several with 'and' or 'or'. With --step what it refers to is run too.",
        ),
        key("skip_if", Kind::Text, "The same for what they must not be."),
        key(
            "timeout",
            Kind::Quantity,
            "How long all of it may take; what is not done by then is an ERROR.",
        ),
        SET_FIRST,
        SETTLE,
        key("sweep", Kind::List(&Kind::Table(&AXIS)), "Axes, the outermost first."),
        key("each", Kind::List(&Kind::Table(&EACH)), "What is done at every point, in order."),
        MEASURES,
        CAPTURES,
        key("compute", Kind::Table(&COMPUTE), "Computes from earlier results."),
        SENDS,
        ASKS,
        LOOKS,
        WAITS,
        ON_ERROR,
    ],
);

static EACH: Table = table(
    "each",
    "a part of a step",
    "What is done at every point of a sweep.",
    &[
        needed("id", Kind::Name, "Its name in results and expressions: STEP.ID."),
        NAME,
        SET_FIRST,
        SETTLE,
        MEASURES,
        CAPTURES,
        SENDS,
        ASKS,
        LOOKS,
        WAITS,
        ON_ERROR,
    ],
);

static APPLY: Table = Table {
    title: "an apply",
    name: "apply",
    doc: "Settings of one role; sent as limits, protection, level, output.",
    keys: &[needed("role", Kind::Name, "Whose settings.")],
    settings: true,
};

static MEASURE: Table = table(
    "measure",
    "a measurement",
    "Takes a reading and judges it.",
    &[
        needed("reading", Kind::Name, "Which of [readings]."),
        key("limit", LIMIT, "What it must be; recorded only where there is none."),
        key("judge", Kind::Words(judges), "Which of several is judged, instead of the reading's."),
        key("retry", Kind::Table(&RETRY), "Further attempts."),
        key(
            "decision_rule",
            Kind::Words(decision_rules),
            "How the limit is applied; \"simple\" where it is not given: within is within.",
        ),
        key(
            "uncertainty",
            Kind::Quantity,
            "How uncertain the result is: \"data_sheet\", \"budget\", or U itself for 95 % with k = 2.",
        ),
        PROCESS_KEY,
    ],
);

const PROCESS_KEY: Key = key(
    "process",
    Kind::Table(&PROCESS),
    "What is known of items before they are measured; the record then has the risks for all of them.",
);

static PROCESS: Table = table(
    "process",
    "a process",
    "Items whose values are normally distributed.",
    &[
        needed("mean", Kind::Quantity, "Their mean."),
        needed("deviation", Kind::Quantity, "Their standard deviation."),
    ],
);

static LIMIT_TABLE: Table = table(
    "limit_table",
    "a table of limits",
    "Another limit at each setpoint of an axis.",
    &[
        needed("over", Kind::Name, "The axis."),
        needed(
            "at",
            Kind::List(&Kind::List(&Kind::Text)),
            "Setpoints with their limits, each setpoint once: [[\"100 mA\", \"<= 1.30 V\"], [\"500 mA\", \"<= 1.35 V\"]].",
        ),
    ],
);

static TAKE: Table = table(
    "take",
    "a captured waveform",
    "Captures a waveform and measures it.",
    &[
        needed("capture", Kind::Name, "Which of [captures]."),
        needed("measure", Kind::List(&Kind::Table(&FROM_WAVEFORM)), "What is taken from it."),
        key(
            "meanwhile",
            Kind::List(&AN_APPLY),
            "What is set once the acquisition is armed, so that it triggers on what follows: an output that goes on, \
             a load that steps.",
        ),
        key("retry", Kind::Table(&RETRY), "Further attempts."),
    ],
);

static FROM_WAVEFORM: Table = table(
    "from_waveform",
    "a measurement of a waveform",
    "Something that is taken from a waveform.",
    &[
        needed("id", Kind::Name, "Its name in results and expressions."),
        needed("quantity", Kind::Words(waveform_measures), "What is measured."),
        needed("by", Kind::Words(|| vec!["samples", "scope"]), "Who measures it."),
        key(
            "mask",
            Kind::List(&Kind::List(&Kind::Text)),
            "Of mask_violations: corners as time from the trigger, lowest, highest: [[\"0 s\", \"-0.1 V\", \"0.1 V\"], \
             [\"1 ms\", \"4.9 V\", \"5.1 V\"]]; straight lines between them, and a step where two share a time.",
        ),
        key("limit", LIMIT, "What it must be; recorded only where there is none."),
    ],
);

static COMPUTE: Table = table(
    "compute",
    "a computation",
    "Computes a value from earlier results and judges it.",
    &[
        needed("value", Kind::Expression, "The expression: max(rail.vout, over = il) - 5 V."),
        key("limit", LIMIT, "What it must be; recorded only where there is none."),
        key(
            "decision_rule",
            Kind::Words(decision_rules),
            "How the limit is applied; \"simple\" where it is not given: within is within.",
        ),
        key(
            "uncertainty",
            Kind::Quantity,
            "How uncertain the value is: \"propagated\" from what it is computed from, or U itself for 95 % with k = 2.",
        ),
        key(
            "correlation",
            Kind::Number,
            "How far results of one instrument in one range share their type B errors, 0 to 1; 1 by itself.",
        ),
        key(
            "monte_carlo",
            Kind::Table(&MONTE_CARLO),
            "A simulation as a cross-check of the budget.",
        ),
        PROCESS_KEY,
    ],
);

static MONTE_CARLO: Table = table(
    "monte_carlo",
    "a simulation",
    "Propagation of distributions (JCGM 101), held against the budget.",
    &[
        needed("trials", Kind::Whole(1_000, 1_000_000), "How often."),
        key("seed", Kind::Whole(0, u32::MAX), "The same seed gives the same numbers; 1 by itself."),
    ],
);

static SCPI: Table = table(
    "scpi",
    "raw SCPI",
    "A query or a command, as the instrument knows it.",
    &[
        needed("role", Kind::Name, "Who is asked or told."),
        key("query", Kind::Text, "The query; its answer is judged."),
        key("command", Kind::Text, "The command."),
        key("unit", Kind::Text, "The unit of the answer; without one it is text."),
        key("limit", LIMIT, "What the answer must be; recorded only where there is none."),
        key("retry", Kind::Table(&RETRY), "Further attempts."),
    ],
);

static RETRY: Table = table(
    "retry",
    "a retry",
    "Further attempts, each kept in the record.",
    &[
        needed("times", Kind::Whole(1, MAX_RETRIES), "How many after the first."),
        key(
            "on",
            Kind::Words(|| vec!["error", "fail"]),
            "\"fail\": also when the limit is missed.",
        ),
    ],
);

fn classes() -> Vec<&'static str> {
    Class::ALL.iter().map(|class| class.word()).collect()
}

fn functions() -> Vec<&'static str> {
    Function::ALL.iter().map(|function| function.word()).collect()
}

fn waveform_measures() -> Vec<&'static str> {
    WaveformMeasure::ALL.iter().map(|measure| measure.word()).collect()
}

fn shapes() -> Vec<&'static str> {
    vec!["rectangular", "triangular", "arcsine", "normal"]
}

fn decision_rules() -> Vec<&'static str> {
    DecisionRule::ALL.iter().map(|(word, _)| *word).collect()
}

fn judges() -> Vec<&'static str> {
    vec!["mean", "each", "min", "max", "last"]
}
