//! Settings: sent, completed, read back; what goes wrong makes the point an error before it is measured.

use bench_catalog::{Setting, SettingValue};
use bench_model::{Point, RunEvent, SettingApplied};
use test_plan::Set;

use crate::execute::Execution;
use crate::halt::Halt;

impl Execution<'_> {
    pub(crate) async fn set(&mut self, set: &Set) -> Result<(), Halt> {
        if self.is_blocked(&set.point).is_some() {
            return Ok(());
        }
        let channel = match self.channel(&set.role) {
            Ok(channel) => channel,
            Err(fault) => return self.setting_failed(&set.point, fault).await,
        };
        self.note_output(set);
        if let (Setting::Voltage, SettingValue::Quantity(level)) = (set.setting, &set.value) {
            self.voltages.insert(set.role.clone(), level.clone());
        }
        match self.stop.guard(channel.set(set.setting, &set.value)).await? {
            Ok(applied) => {
                let event = SettingApplied {
                    step: set.step.clone(),
                    point: set.point.clone(),
                    role: set.role.clone(),
                    setting: set.setting.word().to_owned(),
                    setpoint: applied.sent,
                    programmed: applied.programmed,
                };
                Ok(self.emitter.emit(RunEvent::SettingApplied(Box::new(event))).await?)
            }
            Err(error) => {
                self.note_loss(&channel, &error).await?;
                self.setting_failed(&set.point, error.to_string()).await
            }
        }
    }

    pub(crate) async fn expect_mode(
        &mut self,
        point: &Point,
        role: &str,
        wanted: &str,
    ) -> Result<(), Halt> {
        if self.is_blocked(point).is_some() {
            return Ok(());
        }
        let channel = match self.channel(role) {
            Ok(channel) => channel,
            Err(fault) => return self.setting_failed(point, fault).await,
        };
        match self.stop.guard(channel.regulation()).await? {
            Ok(mode) if mode == wanted => Ok(()),
            Ok(mode) => {
                let fault = format!("{role} regulates in {mode}, and the plan expects {wanted}");
                self.setting_failed(point, fault).await
            }
            Err(error) => {
                self.note_loss(&channel, &error).await?;
                self.setting_failed(point, error.to_string()).await
            }
        }
    }

    /// What is measured at the point is an error of the equipment.
    pub(crate) async fn setting_failed(
        &mut self,
        point: &Point,
        fault: String,
    ) -> Result<(), Halt> {
        self.block_point(point, &fault);
        self.emitter.warn(fault.clone()).await?;
        self.note_fault(fault);
        Ok(())
    }
}
