//! A circuit that instruments hold, in paused time.

use std::sync::Arc;

use super::*;
use tokio::time::advance;

const TAU: Duration = Duration::from_millis(5);

fn supply(node: usize, volts: f64) -> Port {
    let protection = Protection { enabled: false, level: 33.0, tripped: false };
    let setting = SupplySetting {
        on: false,
        volts,
        amperes: 3.0,
        ohms: 3e-4,
        over_voltage: protection,
        over_current: Protection { level: 3.3, ..protection },
    };
    port(node, Some(TAU), PortKind::Supply(setting))
}

fn port(node: usize, settling: Option<Duration>, kind: PortKind) -> Port {
    Port { nodes: [node, 0], sense: [node, 0], settling, errors: Errors::default(), kind }
}

/// A supply, a load and a meter at one node, with ripple on it.
fn bench(pace: Pace) -> (Feed, Drain, Terminals) {
    let load = LoadSetting {
        on: false,
        keeps: Keeps::Power(20.0),
        most: 40.0,
        most_watts: 220.0,
        discharge: None,
        transient: None,
    };
    let ripple = Ripple { nodes: [1, 0], wave: Wave::steady(Form::Square { duty: 0.5 }, 0.1, 1e3) };
    let circuit = Arc::new(Circuit::new(
        Netlist {
            nodes: vec!["gnd".into(), "out".into()],
            fixed: Vec::new(),
            ripples: vec![ripple],
            dynamics: Vec::new(),
            switches: Vec::new(),
            ports: vec![
                supply(1, 10.0),
                port(1, Some(TAU), PortKind::Load(load)),
                port(1, None, PortKind::Meter(MeterInput::Resistance(10e6))),
            ],
        },
        pace,
    ));
    let Port { kind: PortKind::Supply(initial), .. } = supply(1, 10.0) else { panic!() };
    (
        Feed { circuit: Arc::clone(&circuit), port: 0, initial },
        Drain { circuit: Arc::clone(&circuit), port: 1 },
        Terminals { circuit, port: 2, shunt: None },
    )
}

fn near(found: f64, wanted: f64) {
    assert!((found - wanted).abs() < 1e-6, "{found} is not {wanted}");
}

#[tokio::test(start_paused = true)]
async fn a_step_is_an_exponential() {
    let (feed, _, meter) = bench(Pace::REAL);
    feed.change(|setting| setting.on = true);
    near(feed.measured().0, 0.0);
    advance(TAU).await;
    let at_tau = 10.0 * (1.0 - (-1.0_f64).exp());
    near(feed.measured().0, at_tau);
    // The mean over the first time constant is its area.
    near(meter.volts(TAU), 10.0 * (-1.0_f64).exp());
    // A meter that connects does not hurry it, nor hold it up.
    meter.connect(MeterInput::Resistance(10e9), None);
    near(feed.measured().0, at_tau);
    advance(TAU).await;
    near(feed.measured().0, 10.0 * (1.0 - (-2.0_f64).exp()));
    // A new change begins where it is.
    feed.change(|setting| setting.volts = 0.0);
    near(feed.measured().0, 10.0 * (1.0 - (-2.0_f64).exp()));
    advance(100 * TAU).await;
    near(feed.measured().0, 0.0);
}

#[tokio::test(start_paused = true)]
async fn the_pace_scales_settling() {
    let (feed, ..) = bench(Pace::FAST);
    feed.change(|setting| setting.on = true);
    near(feed.measured().0, 10.0);
    let (feed, ..) = bench(Pace::times_faster(5.0).unwrap());
    feed.change(|setting| setting.on = true);
    advance(TAU / 5).await;
    near(feed.measured().0, 10.0 * (1.0 - (-1.0_f64).exp()));
}

/// Of the two voltages at which 20 W flow, the upper one; beyond what the supply gives it collapses.
#[tokio::test(start_paused = true)]
async fn a_load_of_constant_power() {
    let (feed, drain, _) = bench(Pace::FAST);
    feed.change(|setting| setting.on = true);
    let load = |watts| LoadSetting {
        on: true,
        keeps: Keeps::Power(watts),
        most: 40.0,
        most_watts: 220.0,
        discharge: None,
        transient: None,
    };
    drain.change(load(20.0));
    let (volts, amperes) = drain.measured();
    near(volts * amperes, 20.0);
    assert!(volts > 9.9, "{volts}");
    drain.change(load(50.0));
    assert!(drain.measured().0 < 0.2, "{}", drain.measured().0);
    assert_eq!(feed.regulation(), Regulation::Current);
}

#[tokio::test(start_paused = true)]
async fn protections_act_on_the_way_to_rest() {
    let (feed, ..) = bench(Pace::FAST);
    feed.change(|setting| {
        setting.over_voltage = Protection { enabled: true, level: 9.0, tripped: false };
        setting.on = true;
    });
    let setting = feed.setting();
    assert!(!setting.on && setting.over_voltage.tripped && !setting.over_current.tripped);
    near(feed.measured().0, 0.0);
}

#[tokio::test(start_paused = true)]
async fn ripple_needs_something_that_ripples() {
    let (feed, _, meter) = bench(Pace::FAST);
    assert!(meter.waves().is_empty());
    feed.change(|setting| setting.on = true);
    assert_eq!(meter.waves().len(), 1);
    let probe = |nodes| Probe { circuit: Arc::clone(&feed.circuit), nodes: Some(nodes) };
    let [ripple] = &probe([0, 1]).waves()[..] else { panic!() };
    near(ripple.scale, -0.1);
    near(probe([0, 1]).volts(), -10.0);
}

/// 10 V and 2 A are 20 W.
#[tokio::test(start_paused = true)]
async fn too_much_power_switches_a_load_off() {
    let (feed, drain, _) = bench(Pace::FAST);
    feed.change(|setting| setting.on = true);
    let load = |most_watts| LoadSetting {
        on: true,
        keeps: Keeps::Current(2.0),
        most: 40.0,
        most_watts,
        discharge: None,
        transient: None,
    };
    drain.change(load(20.5));
    assert!(drain.is_on());
    drain.change(load(19.5));
    assert!(!drain.is_on());
    near(drain.measured().1, 10.0 / 300e3);
}

/// 4 V and 2 V peak to peak behind 50 Ω, into 50 Ω: half of both.
#[tokio::test(start_paused = true)]
async fn a_generator_drives_what_it_is_terminated_with() {
    let wave = Wave::steady(Form::Sine, 2.0, 1e3);
    let setting = GeneratorSetting { on: true, ohms: 50.0, volts: 4.0, wave: Some(wave) };
    let circuit = Arc::new(Circuit::new(
        Netlist {
            nodes: vec!["gnd".into(), "out".into()],
            fixed: vec![Law::Conductance { nodes: [1, 0], siemens: 0.02 }],
            ripples: Vec::new(),
            dynamics: Vec::new(),
            switches: Vec::new(),
            ports: vec![
                port(1, Some(Duration::ZERO), PortKind::Generator(setting.clone())),
                port(1, None, PortKind::Meter(MeterInput::Resistance(10e6))),
            ],
        },
        Pace::FAST,
    ));
    let meter = Terminals { circuit: Arc::clone(&circuit), port: 1, shunt: None };
    assert!((meter.volts(TAU) - 2.0).abs() < 1e-5, "{}", meter.volts(TAU));
    let [wave] = &meter.waves()[..] else { panic!() };
    assert!((wave.rms() / 0.5 / 0.5_f64.sqrt() - 1.0).abs() < 1e-5, "{}", wave.rms());
    Outlet { circuit, port: 0 }.change(GeneratorSetting { on: false, ..setting });
    assert!(meter.waves().is_empty() && meter.volts(TAU).abs() < 1e-6);
}
