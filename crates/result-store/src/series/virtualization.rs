//! How busy virtual machines are: `virtualization.vm_metrics`.

use bench_model::{Timestamp, Value};
use postgres_types::Type;
use uuid::Uuid;

use super::{Cell, Cells, numeric, sealed};
use crate::error::Cause;

/// What a virtual machine used at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct VmMetrics {
    /// When.
    pub at: Timestamp,
    /// The machine, by its device's id.
    pub vm: Option<Uuid>,
    /// Of its processors, in percent.
    pub cpu_usage_percent: Option<Value>,
    /// Memory, in megabytes.
    pub memory_used_mb: Option<Value>,
    /// From its disks, in megabytes per second.
    pub disk_read_mbps: Option<Value>,
    /// To its disks, in megabytes per second.
    pub disk_write_mbps: Option<Value>,
    /// From the network, in megabits per second.
    pub network_rx_mbps: Option<Value>,
    /// To the network, in megabits per second.
    pub network_tx_mbps: Option<Value>,
    /// Since it was started, in seconds.
    pub uptime_seconds: Option<i64>,
}

impl sealed::Row for VmMetrics {
    const TABLE: &'static str = "virtualization.vm_metrics";
    const ID: &'static str = "metric_id";
    const COLUMNS: &'static [(&'static str, Type)] = &[
        ("timestamp", Type::TIMESTAMPTZ),
        ("vm_id", Type::UUID),
        ("cpu_usage_percent", Type::NUMERIC),
        ("memory_used_mb", Type::NUMERIC),
        ("disk_read_mbps", Type::NUMERIC),
        ("disk_write_mbps", Type::NUMERIC),
        ("network_rx_mbps", Type::NUMERIC),
        ("network_tx_mbps", Type::NUMERIC),
        ("uptime_seconds", Type::INT8),
    ];

    fn at(&self) -> Timestamp {
        self.at
    }

    fn cells(&self) -> Result<Vec<Cell>, Cause> {
        Ok(vec![
            Box::new(self.vm),
            numeric(&self.cpu_usage_percent),
            numeric(&self.memory_used_mb),
            numeric(&self.disk_read_mbps),
            numeric(&self.disk_write_mbps),
            numeric(&self.network_rx_mbps),
            numeric(&self.network_tx_mbps),
            Box::new(self.uptime_seconds),
        ])
    }

    fn read(at: Timestamp, cells: &mut Cells<'_>) -> Result<Self, Cause> {
        Ok(Self {
            at,
            vm: cells.take()?,
            cpu_usage_percent: cells.number()?,
            memory_used_mb: cells.number()?,
            disk_read_mbps: cells.number()?,
            disk_write_mbps: cells.number()?,
            network_rx_mbps: cells.number()?,
            network_tx_mbps: cells.number()?,
            uptime_seconds: cells.take()?,
        })
    }
}
