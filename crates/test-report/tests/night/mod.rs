//! Nights summed up: findings, rates of false alarms, words.

use bench_model::{CalibrationState, RunRecord, SessionStatus, Timestamp};
use test_report::{
    Baseline, JobMaterial, JobState, Look, Morning, MorningOptions, NIGHT_FORMAT, Night, NightJob,
};

use crate::run::{Run, leaf, range, start};

const OPTIONS: MorningOptions =
    MorningOptions { alpha: 0.01, calibration_within_days: 30, exit: 0 };
/// Channels of which nothing moves.
const CHANNELS: usize = 4;

/// A series of numbers that is the same everywhere (SplitMix64).
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let top = u32::try_from((z ^ (z >> 31)) >> 32).unwrap();
        (f64::from(top) + 0.5) / 4_294_967_296.0
    }

    /// Normal, of standard deviation 1 (Box and Muller).
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// A run with a value for each channel, 100 µV of scatter around 5 V.
fn run(session: u128, noise: &mut Noise, shifts: [f64; CHANNELS]) -> RunRecord {
    let mut run = Run::begin(start(session));
    for (channel, shift) in shifts.iter().enumerate() {
        let value = format!("{:.7}", 5.0 + shift + 1e-4 * noise.normal());
        let limit = range(Some("4.95"), Some("5.05"), "V");
        run.leaf(leaf(&format!("channel{channel}"), &[]).measured(&value, "V").within(limit));
    }
    run.end(SessionStatus::Completed, None);
    run.record()
}

fn night(label: &str, state: JobState, exit: Option<u8>) -> Night {
    let started_at: Timestamp = "2026-10-09T22:00:00Z".parse().unwrap();
    Night {
        format: NIGHT_FORMAT,
        sweep: "nightly".into(),
        trigger: "scheduled".into(),
        host: None,
        shard: None,
        started_at,
        ended_at: Some("2026-10-09T22:10:00Z".parse().unwrap()),
        jobs: vec![NightJob {
            label: label.into(),
            state,
            exit,
            sessions: Vec::new(),
            started_at: Some(started_at),
            ended_at: Some("2026-10-09T22:05:00Z".parse().unwrap()),
            said: vec!["psu: no answer".into()],
        }],
        notes: Vec::new(),
    }
}

fn morning(material: JobMaterial, options: MorningOptions) -> Morning {
    let night = night("rail.toml", JobState::Ended, Some(0));
    Morning::of(&night, &[material], Vec::new(), options)
}

fn baseline(first: u128, count: u128, noise: &mut Noise) -> Baseline {
    let runs: Vec<_> = (0..count).map(|n| run(first + n, noise, [0.0; CHANNELS])).collect();
    Baseline::of("good", &runs, Timestamp::UNIX_EPOCH, None).unwrap()
}

/// Nights of which nothing moves are flagged as often as was asked for: 1,000 of them, over twenty labs, each with a
/// baseline of its own. The bounds are those that a binomial count leaves in one of a thousand tries.
#[test]
fn of_a_thousand_stable_nights_no_more_are_flagged_than_was_stated() {
    for (alpha, low, high) in [(0.01, 2, 20), (0.05, 30, 73)] {
        let (mut noise, mut flagged) = (Noise(20), 0);
        for lab in 0..20_u128 {
            let good = baseline(lab * 1_000, 25, &mut noise);
            for night in 0..50 {
                let runs = vec![run(lab * 1_000 + 100 + night, &mut noise, [0.0; CHANNELS])];
                let material =
                    JobMaterial { runs, baseline: Some(good.clone()), ..JobMaterial::default() };
                let morning = morning(material, MorningOptions { alpha, ..OPTIONS });
                flagged += u32::from(!morning.moved.is_empty());
            }
        }
        println!("alpha {alpha}: {flagged} of 1000 nights");
        assert!((low..=high).contains(&flagged), "{flagged} of 1000 nights at {alpha}");
    }
}

/// Where no baseline is named, the runs before are one; each night is then held against up to thirty others.
#[test]
fn the_runs_before_flag_no_more_than_was_stated_either() {
    let (mut noise, mut flagged, mut before) = (Noise(3), 0, Vec::new());
    for night in 0..1_003_u128 {
        let now = run(night, &mut noise, [0.0; CHANNELS]);
        let material = JobMaterial {
            runs: vec![now.clone()],
            before: before.clone(),
            ..JobMaterial::default()
        };
        flagged += u32::from(!morning(material, OPTIONS).moved.is_empty());
        before.push(now);
        if before.len() > 30 {
            before.remove(0);
        }
    }
    println!("rolling: {flagged} of 1000 nights");
    assert!(flagged <= 20, "{flagged} of 1000 nights");
}

/// A place that comes out by turns, one that needed two attempts, one that is new, an instrument that was changed.
#[test]
fn a_night_says_what_failed_what_is_flaky_new_changed_or_due() {
    let rail = |session: u128, volts: &str, extra: bool, firmware: &str| {
        let mut run = Run::begin(start(session));
        run.instrument("psu", "ACME");
        let limit = range(Some("4.95"), Some("5.05"), "V");
        run.leaf(leaf("rail", &[]).measured(volts, "V").within(limit));
        if extra {
            let limit = range(Some("0"), Some("1"), "A");
            run.leaf(leaf("extra", &[]).measured("0.5", "A").within(limit).attempts(2));
        }
        run.end(SessionStatus::Completed, None);
        let mut record = run.record();
        record.instruments[0].firmware = Some(firmware.into());
        record.instruments[0].calibration = Some(CalibrationState {
            due: Some("2026-10-19".into()),
            ..CalibrationState::default()
        });
        record
    };
    let volts = ["5.001", "5.2", "5.002", "5.000", "5.001"];
    let before: Vec<_> =
        (1..).zip(volts).map(|(session, volts)| rail(session, volts, false, "1")).collect();
    let mut now = rail(9, "5.1", true, "2");
    // A minute longer than before.
    let ended = now.ended_at.unwrap();
    now.ended_at = Some(ended + std::time::Duration::from_secs(60));
    let material = JobMaterial { runs: vec![now], before, ..JobMaterial::default() };
    let mut night = night("rail.toml", JobState::Ended, Some(10));
    night.notes.push("begun 8 h 12 min late: the machine slept or was busy when it was due".into());
    let options = MorningOptions { exit: 10, ..OPTIONS };
    let morning = Morning::of(&night, &[material], Vec::new(), options);
    assert_eq!(morning.failed.len(), 1);
    assert!(morning.failed[0].is_new, "it passed the time before");
    let flaky: Vec<_> = morning.flaky.iter().map(|one| (&*one.place, &*one.why)).collect();
    let turns = "did not pass in 2 of the last 6 runs, by turns";
    assert_eq!(flaky, [("extra", "PASS at attempt 2"), ("rail", turns)]);
    assert_eq!(morning.new[0].what, "extra");
    assert_eq!(morning.changed[0].what, "firmware of psu");
    assert_eq!((morning.calibration[0].days, morning.slower.len()), (10, 1));
    let again: Morning = serde_json::from_str(&morning.json().unwrap()).unwrap();
    assert_eq!(again.failed, morning.failed);
    let merged = Morning::merged(vec![morning.clone(), again], 10).unwrap();
    assert_eq!((merged.jobs.len(), merged.calibration.len()), (2, 1));
    insta::assert_snapshot!(morning.text(Look { colour: false, width: 120 }));
    let page = morning.html();
    let mut reader = quick_xml::Reader::from_str(&page);
    while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
    for title in ["Did not pass", "Slower", "Flaky", "Changed", "Calibration soon"] {
        assert!(page.contains(&format!("{title}</h2>")), "{title}");
    }
}

#[test]
fn jobs_that_did_not_run_say_why() {
    for (state, exit, outcome, why) in [
        (JobState::Ended, Some(2), "NOT BEGUN", "psu: no answer"),
        (
            JobState::NotBegun { why: "the budget is over".into() },
            None,
            "NOT BEGUN",
            "the budget is over",
        ),
        (JobState::Stopped { why: "too long".into() }, Some(50), "STOPPED", "too long"),
        (JobState::Waiting, None, "NOT BEGUN", "the night was cut"),
        (JobState::Running, None, "STOPPED", "the night was cut while it ran"),
    ] {
        let night = night("rail.toml", state.clone(), exit);
        let morning = Morning::of(&night, &[JobMaterial::default()], Vec::new(), OPTIONS);
        assert_eq!(morning.jobs[0].outcome, outcome, "{state:?}");
        assert!(morning.jobs[0].why.iter().any(|own| own.contains(why)), "{morning:#?}");
        assert!(morning.text(Look::default()).contains(why));
    }
}
