//! Simulated instruments on real ports, wired through a circuit.
//!
//! A [`BenchSpec`] is read from one TOML file: instruments, the circuit between them, the roles that they play,
//! and what shall go wrong. [`serve`] puts it on ports of the loopback interface, where every client can speak
//! to it as to the real ones: what the supply drives is what meter, load and oscilloscope see. Noise is the same
//! every time for the same seed and the same dialogue.
//!
//! ```
//! use std::io::{BufRead, BufReader, Write};
//! use scpi_sim::{BenchSpec, serve};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let file = r#"
//!     name = "one supply"
//!     [instruments.psu]
//!     model = "dp832"
//!     serial = "SIM0000001"
//!     channels = { 1 = ["out", "gnd"] }
//! "#;
//! let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
//! let bench = runtime.block_on(serve(BenchSpec::parse("one.toml", file)?))?;
//! let mut psu = std::net::TcpStream::connect(bench.instruments()[0].address)?;
//! psu.write_all(b":APPL CH1,5,1;:OUTP CH1,ON;*OPC?\n")?;
//! let mut answer = String::new();
//! BufReader::new(psu).read_line(&mut answer)?;
//! assert_eq!(answer, "1\n");
//! assert!(bench.controls().output_on("psu", 1)?);
//! runtime.block_on(bench.stop());
//! # Ok(())
//! # }
//! ```
//!
//! | file | holds |
//! | --- | --- |
//! | `spec` | bench files |
//! | `assembly` | from a bench file to circuit and instruments |
//! | `circuit` | what is between the instruments |
//! | `instrument` | the exchange of messages, the status model |
//! | `models` | the instruments themselves |
//! | `server`, `served` | ports and clients |
//! | `controls`, `faults`, `quirks` | hands on the bench; what goes wrong; what real ones do |
//! | `replay` | a wire tape as instruments |
//! | `settings`, `format` | numbers in and out |
//! | `noise`, `pace` | chance and time |

mod assembly;
mod circuit;
mod controls;
mod error;
mod faults;
mod format;
mod instrument;
mod models;
mod noise;
mod pace;
mod quirks;
mod replay;
mod served;
mod server;
mod settings;
mod spec;

pub use controls::{ControlError, Controls};
pub use error::SimError;
pub use faults::{Fault, FaultAction};
pub use replay::{Replay, ReplayOptions, Tape, TapeFault, replay};
pub use server::{SimBench, SimInstrument, serve};
pub use spec::{BenchSpec, SpecFault, SpecFaults};
