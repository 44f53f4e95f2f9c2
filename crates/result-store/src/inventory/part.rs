//! Which fields of the file are which columns, and the statements that follow from it.

/// A field and its column.
pub(super) struct Field {
    /// In the file.
    pub(super) key: &'static str,
    /// In the table.
    pub(super) column: &'static str,
    /// Its type there.
    pub(super) kind: &'static str,
    /// What a new row has, where the file says nothing.
    pub(super) default: &'static str,
}

/// One table.
pub(super) struct Part {
    pub(super) table: &'static str,
    /// What tells one row from another: an expression over `one`, `device` and `place`, and its column.
    pub(super) identity: &'static [(&'static str, &'static str)],
    /// What finds the rows that it refers to by name.
    pub(super) joins: &'static str,
    /// Fields that are read for the identity alone.
    pub(super) names: &'static [(&'static str, &'static str)],
    pub(super) fields: &'static [Field],
    /// Which rows are written to a file, with `part` for the table.
    pub(super) exported: &'static str,
}

const fn field(
    key: &'static str,
    column: &'static str,
    kind: &'static str,
    default: &'static str,
) -> Field {
    Field { key, column, kind, default }
}

const NULL: &str = "NULL";
const DEVICE: &str = "JOIN infrastructure.devices AS device ON device.device_name = one.device";

pub(super) const NETWORKS: Part = Part {
    table: "network.networks",
    identity: &[("one.name", "network_name")],
    joins: "",
    names: &[("name", "text")],
    fields: &[
        field("subnet", "subnet", "cidr", NULL),
        field("gateway", "gateway", "inet", NULL),
        field("vlan", "vlan_id", "integer", NULL),
        field("dhcp_enabled", "dhcp_enabled", "boolean", "true"),
        field("dhcp_start", "dhcp_start", "inet", NULL),
        field("dhcp_end", "dhcp_end", "inet", NULL),
        field("domain_name", "domain_name", "text", NULL),
        field("dns_servers", "dns_servers", "inet[]", NULL),
        field("purpose", "purpose", "text", NULL),
        field("security_zone", "security_zone", "text", NULL),
        field("igmp_snooping", "igmp_snooping", "boolean", "false"),
        field("notes", "notes", "text", NULL),
    ],
    exported: "true",
};
pub(super) const DEVICES: Part = Part {
    table: "infrastructure.devices",
    identity: &[("one.name", "device_name")],
    joins: "",
    names: &[("name", "text")],
    fields: &[
        field("type", "device_type", "text", NULL),
        field("category", "category", "text", NULL),
        field("model", "model", "text", NULL),
        field("manufacturer", "manufacturer", "text", NULL),
        field("serial_number", "serial_number", "text", NULL),
        field("mac_address", "mac_address", "macaddr", NULL),
        field("primary_ip", "primary_ip", "inet", NULL),
        field("location", "location", "text", NULL),
        field("rack_position", "rack_position", "text", NULL),
        field("status", "status", "text", "'unknown'"),
        field("notes", "notes", "text", NULL),
    ],
    // What was only simulated is in no lab.
    exported: "device_type <> 'simulated'",
};
pub(super) const EQUIPMENT: Part = Part {
    table: "scpi.equipment",
    identity: &[("device.device_id", "equipment_id")],
    joins: DEVICE,
    names: &[("device", "text")],
    fields: &[
        field("address", "scpi_address", "text", NULL),
        field("protocol", "scpi_protocol", "text", "'SOCKET'"),
        field("type", "instrument_type", "text", NULL),
        field("measurement_capabilities", "measurement_capabilities", "text[]", NULL),
        field("max_voltage", "max_voltage", "numeric", NULL),
        field("max_current", "max_current", "numeric", NULL),
        field("max_power", "max_power", "numeric", NULL),
        field("channels", "channels", "integer", "1"),
        field("last_calibration_date", "last_calibration_date", "date", NULL),
        field("calibration_due_date", "calibration_due_date", "date", NULL),
    ],
    exported: "true",
};
pub(super) const SERVICES: Part = Part {
    table: "infrastructure.services",
    identity: &[("device.device_id", "device_id"), ("one.name", "service_name")],
    joins: DEVICE,
    names: &[("device", "text"), ("name", "text")],
    fields: &[
        field("type", "service_type", "text", NULL),
        field("port", "port", "integer", NULL),
        field("protocol", "protocol", "text", NULL),
        field("endpoint", "endpoint", "text", NULL),
        field("health_check_url", "health_check_url", "text", NULL),
        field("status", "status", "text", "'unknown'"),
        field("auto_start", "auto_start", "boolean", "false"),
        field("notes", "notes", "text", NULL),
    ],
    exported: "true",
};
pub(super) const ASSIGNMENTS: Part = Part {
    table: "network.device_network_assignments",
    identity: &[
        ("device.device_id", "device_id"),
        ("place.network_id", "network_id"),
        ("one.ip", "ip_address"),
    ],
    joins: "JOIN infrastructure.devices AS device ON device.device_name = one.device
        JOIN network.networks AS place ON place.network_name = one.network",
    names: &[("device", "text"), ("network", "text"), ("ip", "inet")],
    fields: &[
        field("static", "is_static", "boolean", "true"),
        field("primary", "is_primary", "boolean", "false"),
    ],
    exported: "true",
};

pub(super) const VMS: Part = Part {
    table: "virtualization.proxmox_vms",
    identity: &[("device.device_id", "vm_id")],
    joins: DEVICE,
    names: &[("device", "text")],
    fields: &[
        field("vmid", "proxmox_vmid", "integer", NULL),
        field("host", "proxmox_host", "text", NULL),
        field("type", "vm_type", "text", NULL),
        field("cpu_cores", "cpu_cores", "integer", NULL),
        field("memory_mb", "memory_mb", "integer", NULL),
        field("disk_size_gb", "disk_size_gb", "integer", NULL),
        field("os_type", "os_type", "text", NULL),
        field("template", "template", "boolean", "false"),
        field("auto_start", "auto_start", "boolean", "false"),
        field("backup_enabled", "backup_enabled", "boolean", "true"),
        field("gpu_passthrough", "gpu_passthrough", "boolean", "false"),
        field("gpu_device", "gpu_device", "text", NULL),
    ],
    exported: "true",
};
pub(super) const CONTAINERS: Part = Part {
    table: "virtualization.docker_containers",
    identity: &[("service.service_id", "service_id"), ("one.name", "container_name")],
    joins: "JOIN infrastructure.devices AS device ON device.device_name = one.device
        JOIN infrastructure.services AS service
            ON service.device_id = device.device_id AND service.service_name = one.service",
    names: &[("device", "text"), ("service", "text"), ("name", "text")],
    // Not the environment: secrets are in it.
    fields: &[
        field("image", "image", "text", NULL),
        field("image_tag", "image_tag", "text", NULL),
        field("container_hash", "container_hash", "text", NULL),
        field("ports_mapping", "ports_mapping", "jsonb", NULL),
        field("volumes", "volumes", "jsonb", NULL),
        field("restart_policy", "restart_policy", "text", NULL),
        field("network_mode", "network_mode", "text", NULL),
    ],
    exported: "true",
};
pub(super) const MODELS: Part = Part {
    table: "ai_ml.ollama_models",
    identity: &[
        ("device.device_id", "device_id"),
        ("one.name", "model_name"),
        ("coalesce(one.tag, 'latest')", "model_tag"),
    ],
    joins: DEVICE,
    names: &[("device", "text"), ("name", "text"), ("tag", "text")],
    fields: &[
        field("base_model", "base_model", "text", NULL),
        field("size_bytes", "size_bytes", "bigint", NULL),
        field("parameter_count", "parameter_count", "bigint", NULL),
        field("quantization", "quantization", "text", NULL),
        field("purpose", "purpose", "text", NULL),
        field("modelfile", "modelfile", "text", NULL),
        field("system_prompt", "system_prompt", "text", NULL),
        field("temperature", "temperature", "numeric", NULL),
        field("notes", "notes", "text", NULL),
    ],
    exported: "true",
};
pub(super) const FIREWALL_RULES: Part = Part {
    table: "network.firewall_rules",
    identity: &[("one.name", "rule_name")],
    joins: "",
    names: &[("name", "text")],
    fields: &[
        field("unifi_rule_id", "unifi_rule_id", "text", NULL),
        field("enabled", "enabled", "boolean", "true"),
        field("action", "action", "text", NULL),
        field("protocol", "protocol", "text", NULL),
        field("source_network", "source_network", "text", NULL),
        field("source_port", "source_port", "text", NULL),
        field("destination_network", "destination_network", "text", NULL),
        field("destination_port", "destination_port", "text", NULL),
        field("direction", "direction", "text", NULL),
        field("ruleset", "ruleset", "text", NULL),
        field("rule_index", "rule_index", "integer", NULL),
        field("notes", "notes", "text", NULL),
    ],
    exported: "true",
};

impl Part {
    /// The rows of the file, `$1`, with the ids of what they name.
    fn rows(&self) -> String {
        let columns = self.names.iter().copied();
        let columns = columns.chain(self.fields.iter().map(|field| (field.key, field.kind)));
        let columns: Vec<_> = columns.map(|(key, kind)| format!("\"{key}\" {kind}")).collect();
        let identity = self.identity.iter().map(|(from, column)| format!("{from} AS {column}"));
        let fields =
            self.fields.iter().map(|field| format!("one.\"{}\" AS {}", field.key, field.column));
        let selected: Vec<_> = identity.chain(fields).collect();
        format!(
            "WITH file AS (SELECT {} FROM jsonb_to_recordset($1) AS one ({}) {})",
            selected.join(", "),
            columns.join(", "),
            self.joins
        )
    }

    /// Whether a row of the table is that of the file.
    fn same(&self) -> String {
        let same =
            self.identity.iter().map(|(_, column)| format!("known.{column} = file.{column}"));
        same.collect::<Vec<_>>().join(" AND ")
    }

    /// Makes the rows that are missing.
    pub(super) fn insert(&self) -> String {
        let identity = self.identity.iter().map(|(_, column)| column.to_string());
        let columns: Vec<_> =
            identity.clone().chain(self.fields.iter().map(|one| one.column.to_owned())).collect();
        let values = self.fields.iter().map(|one| match one.default {
            NULL => format!("file.{}", one.column),
            default => format!("coalesce(file.{}, {default})", one.column),
        });
        let values: Vec<_> =
            identity.map(|column| format!("file.{column}")).chain(values).collect();
        format!(
            "{} INSERT INTO {table} ({}) SELECT {} FROM file WHERE NOT EXISTS (SELECT FROM {table} AS known WHERE {})",
            self.rows(),
            columns.join(", "),
            values.join(", "),
            self.same(),
            table = self.table
        )
    }

    /// Changes the rows that are other than the file says; where it says nothing, they stay.
    pub(super) fn update(&self) -> String {
        let wanted = |field: &Field| format!("coalesce(file.{0}, known.{0})", field.column);
        let set = self.fields.iter().map(|field| format!("{} = {}", field.column, wanted(field)));
        let known = self.fields.iter().map(|field| format!("known.{}", field.column));
        let wanted = self.fields.iter().map(wanted);
        format!(
            "{} UPDATE {} AS known SET {} FROM file WHERE {} AND ({}) IS DISTINCT FROM ({})",
            self.rows(),
            self.table,
            set.collect::<Vec<_>>().join(", "),
            self.same(),
            known.collect::<Vec<_>>().join(", "),
            wanted.collect::<Vec<_>>().join(", ")
        )
    }

    /// The rows as objects of the file's keys. A number of a column that has all digits is a text.
    pub(super) fn export(&self) -> String {
        let fields = self.fields.iter().map(|field| match field.kind {
            "numeric" => format!("'{}', part.{}::text", field.key, field.column),
            _ => format!("'{}', part.{}", field.key, field.column),
        });
        let names = self.names.iter().map(|(key, _)| match *key {
            "device" => "'device', device.device_name".to_owned(),
            "network" => "'network', place.network_name".to_owned(),
            "service" => "'service', service.service_name".to_owned(),
            // Without the length of the network, which the network has.
            "ip" => "'ip', host(part.ip_address)".to_owned(),
            _ => format!("'{key}', part.{}", self.column_of(key)),
        });
        let members: Vec<_> = names.chain(fields).collect();
        format!(
            "SELECT jsonb_strip_nulls(jsonb_build_object({})) FROM {} AS part {} WHERE {} ORDER BY 1",
            members.join(", "),
            self.table,
            self.export_joins(),
            self.exported
        )
    }

    /// The column of a name that tells rows apart.
    fn column_of(&self, key: &str) -> &'static str {
        let own = format!("one.{key}");
        let found = self.identity.iter().find(|(from, _)| from.contains(&own));
        found.map_or("", |(_, column)| column)
    }

    fn export_joins(&self) -> &'static str {
        match self.table {
            "scpi.equipment" => {
                "JOIN infrastructure.devices AS device ON device.device_id = part.equipment_id"
            }
            "infrastructure.services" | "ai_ml.ollama_models" => {
                "JOIN infrastructure.devices AS device USING (device_id)"
            }
            "virtualization.proxmox_vms" => {
                "JOIN infrastructure.devices AS device ON device.device_id = part.vm_id"
            }
            "virtualization.docker_containers" => {
                "JOIN infrastructure.services AS service USING (service_id)
                 JOIN infrastructure.devices AS device ON device.device_id = service.device_id"
            }
            "network.device_network_assignments" => {
                "JOIN infrastructure.devices AS device USING (device_id)
                 JOIN network.networks AS place USING (network_id)"
            }
            _ => "",
        }
    }
}
