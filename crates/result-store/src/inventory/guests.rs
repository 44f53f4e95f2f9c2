//! What runs on devices, and the firewall between them, in the file.

use serde::{Deserialize, Serialize};

/// A virtual machine: `virtualization.proxmox_vms`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(
    missing_docs,
    reason = "each field is the column of its name in virtualization.proxmox_vms"
)]
pub struct Vm {
    /// The hypervisor's number of it.
    pub vmid: u32,
    /// The hypervisor.
    pub host: String,
    /// `qemu` or `lxc`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub cpu_cores: Option<u32>,
    pub memory_mb: Option<u32>,
    pub disk_size_gb: Option<u32>,
    pub os_type: Option<String>,
    pub template: Option<bool>,
    pub auto_start: Option<bool>,
    pub backup_enabled: Option<bool>,
    pub gpu_passthrough: Option<bool>,
    pub gpu_device: Option<String>,
}

/// A container: `virtualization.docker_containers`. Its environment, where its passwords are, is in no file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(
    missing_docs,
    reason = "each field is the column of its name in virtualization.docker_containers"
)]
pub struct Container {
    pub name: String,
    pub image: String,
    pub image_tag: Option<String>,
    pub container_hash: Option<String>,
    pub ports_mapping: Option<serde_json::Value>,
    pub volumes: Option<serde_json::Value>,
    pub restart_policy: Option<String>,
    pub network_mode: Option<String>,
}

/// A language model: `ai_ml.ollama_models`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each field is the column of its name in ai_ml.ollama_models")]
pub struct Model {
    pub name: String,
    /// Without it, `latest`.
    pub tag: Option<String>,
    pub base_model: Option<String>,
    pub size_bytes: Option<i64>,
    pub parameter_count: Option<i64>,
    pub quantization: Option<String>,
    pub purpose: Option<String>,
    pub modelfile: Option<String>,
    pub system_prompt: Option<String>,
    /// A number, every digit kept: `"0.70"`.
    pub temperature: Option<String>,
    pub notes: Option<String>,
}

impl Model {
    /// `llama3:8b`.
    pub(super) fn full_name(&self) -> String {
        format!("{}:{}", self.name, self.tag.as_deref().unwrap_or("latest"))
    }
}

/// A rule of the firewall: `network.firewall_rules`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each field is the column of its name in network.firewall_rules")]
pub struct FirewallRule {
    pub name: String,
    pub unifi_rule_id: Option<String>,
    pub enabled: Option<bool>,
    /// `accept`, `drop` or `reject`.
    pub action: String,
    pub protocol: Option<String>,
    pub source_network: Option<String>,
    pub source_port: Option<String>,
    pub destination_network: Option<String>,
    pub destination_port: Option<String>,
    pub direction: Option<String>,
    pub ruleset: Option<String>,
    pub rule_index: Option<i32>,
    pub notes: Option<String>,
}
