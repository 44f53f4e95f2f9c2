//! The inventory from a file and back.

use result_store::testing::TestDatabase;
use result_store::{Imported, Inventory, Store};

use crate::sql::{connect, texts};

const SAMPLE: &str = include_str!("../../../../fixtures/homelab.toml");

async fn store(database: &TestDatabase) -> Store {
    Store::connect(&database.config("homelab_app").unwrap()).await.unwrap()
}

/// How many rows were made and changed.
fn counts(imported: &Imported) -> Vec<(u64, u64)> {
    imported.parts.iter().map(|part| (part.made, part.changed)).collect()
}

fn sorted(mut inventory: Inventory) -> Inventory {
    inventory.networks.sort_by(|one, two| one.name.cmp(&two.name));
    inventory.devices.sort_by(|one, two| one.name.cmp(&two.name));
    for device in &mut inventory.devices {
        device.networks.sort_by(|one, two| one.ip.cmp(&two.ip));
        device.services.sort_by(|one, two| one.name.cmp(&two.name));
    }
    inventory
}

#[tokio::test]
async fn the_sample_is_imported_once_and_comes_back_as_it_was() {
    let database = TestDatabase::new().unwrap();
    let mut store = store(&database).await;
    let sample = Inventory::from_toml(SAMPLE).unwrap();
    let first = store.import_inventory(&sample).await.unwrap();
    assert_eq!(
        counts(&first),
        [(5, 0), (13, 0), (5, 0), (4, 0), (17, 0), (0, 0), (0, 0), (0, 0), (0, 0)]
    );
    let again = store.import_inventory(&sample).await.unwrap();
    assert_eq!(counts(&again), [(0, 0); 9]);

    let exported = store.export_inventory().await.unwrap();
    let text = exported.to_toml().unwrap();
    let read = Inventory::from_toml(&text).unwrap();
    assert_eq!(read, exported);
    assert_eq!(counts(&store.import_inventory(&read).await.unwrap()), [(0, 0); 9]);
    // What the file left open has a value now; all else is as it was.
    let (sample, exported) = (sorted(sample), sorted(exported));
    for (one, two) in sample.devices.iter().zip(&exported.devices) {
        assert_eq!(
            (&one.name, &one.model, &one.primary_ip),
            (&two.name, &two.model, &two.primary_ip)
        );
        assert_eq!(
            (one.services.len(), one.networks.len()),
            (two.services.len(), two.networks.len())
        );
    }
    let meter = exported.devices.iter().find(|device| device.name == "Bench multimeter").unwrap();
    let equipment = meter.equipment.as_ref().unwrap();
    assert_eq!(equipment.max_voltage.as_deref(), Some("1000 V"));
    assert_eq!(equipment.calibration_due_date.as_deref(), Some("2027-01-15"));
    let topology = "SELECT network_name, device_count::text FROM public.view_network_topology ORDER BY vlan_id NULLS FIRST";
    let expected =
        [["Default", "11"], ["Management", "3"], ["Media", "1"], ["IoT", "1"], ["Lab", "1"]];
    assert_eq!(texts(&database, topology).await, expected);
    let reason = "SELECT DISTINCT change_reason, changed_by FROM audit.change_log";
    assert_eq!(texts(&database, reason).await, [["inventory import", "homelab_app (scpi-run)"]]);
}

#[tokio::test]
async fn what_a_file_does_not_say_stays() {
    let database = TestDatabase::new().unwrap();
    let mut store = store(&database).await;
    let before = "
        [[networks]]
        name = 'n'
        subnet = '10.0.1.0/24'
        gateway = '10.0.1.1'
        [[devices]]
        name = \"it's \\\"Ω\\\"\"
        type = 'physical'
        location = 'shelf'
        status = 'online'
        equipment = { address = 'x', max_current = '1.50 A' }
        networks = [{ network = 'n', ip = '10.0.1.7', primary = true }]";
    store.import_inventory(&Inventory::from_toml(before).unwrap()).await.unwrap();
    // The other address is the primary one now, and the network is the database's.
    let after = "
        [[devices]]
        name = \"it's \\\"Ω\\\"\"
        type = 'physical'
        rack_position = '3'
        networks = [{ network = 'n', ip = '10.0.1.8', primary = true }]";
    let imported = store.import_inventory(&Inventory::from_toml(after).unwrap()).await.unwrap();
    assert_eq!(counts(&imported)[..5], [(0, 0), (0, 1), (0, 0), (0, 0), (1, 0)]);
    let rows = "SELECT device_name, location, rack_position, status, max_current::text,
        (SELECT string_agg(host(ip_address) || ' ' || is_primary, ', ' ORDER BY ip_address)
         FROM network.device_network_assignments)
        FROM infrastructure.devices JOIN scpi.equipment ON equipment_id = device_id";
    let expected =
        [["it's \"Ω\"", "shelf", "3", "online", "1.50", "10.0.1.7 false, 10.0.1.8 true"]];
    assert_eq!(texts(&database, rows).await, expected);
}

#[tokio::test]
async fn two_imports_at_once_make_no_doubles() {
    let database = TestDatabase::new().unwrap();
    let (mut one, mut two) = (store(&database).await, store(&database).await);
    let sample = Inventory::from_toml(SAMPLE).unwrap();
    let (one, two) = tokio::join!(one.import_inventory(&sample), two.import_inventory(&sample));
    let made = [one, two].map(|imported| counts(&imported.unwrap())[1].0);
    assert_eq!(made.iter().sum::<u64>(), 13);
}

#[tokio::test]
async fn what_cannot_be_is_said_and_nothing_is_changed() {
    let device = |more: &str| format!("[[devices]]\nname = 'a'\ntype = 'physical'\n{more}");
    for (text, words) in [
        (device("colour = 'red'"), "colour"),
        (device("equipment = { address = 'x', max_voltage = '30' }"), "max_voltage = \"30\""),
        (device("equipment = { address = 'x', max_voltage = '30 A' }"), "30 V"),
        (format!("{0}\n{0}", device("")), "device a is in it twice"),
        (device("services = [{ name = 's' }, { name = 's' }]"), "service s is in it twice"),
        (device("services = [{ name = 's', port = 70000 }]"), "70000"),
        ("[[devices]]\nname = 'a'".to_owned(), "type"),
    ] {
        let refused = Inventory::from_toml(&text).unwrap_err().to_string();
        assert!(refused.contains(words), "{text}: {refused}");
    }
    let database = TestDatabase::new().unwrap();
    let mut store = store(&database).await;
    let good = "[[networks]]\nname = 'n'\nsubnet = '10.0.1.0/24'\ngateway = '10.0.1.1'\n";
    for (text, words) in [
        (device("status = 'banana'"), "status_word"),
        (device("primary_ip = 'nowhere'"), "nowhere"),
        (device("networks = [{ network = 'm', ip = '10.0.1.9' }]"), "there is no network 'm'"),
        (
            "[[networks]]\nname = 'm'\nsubnet = '10.0.2.0/24'\ngateway = '10.0.1.1'".to_owned(),
            "gateway_in_subnet",
        ),
    ] {
        let inventory = Inventory::from_toml(&format!("{good}{text}")).unwrap();
        let refused = store.import_inventory(&inventory).await.unwrap_err().to_string();
        assert!(refused.contains(words), "{text}: {refused}");
    }
    let app = connect(&database, "homelab_app").await;
    let left = "SELECT (SELECT count(*) FROM network.networks) + (SELECT count(*) FROM infrastructure.devices)";
    assert_eq!(app.query_one(left, &[]).await.unwrap().get::<_, i64>(0), 0);
}

/// What runs on devices, and the firewall between them.
#[tokio::test]
async fn machines_containers_models_and_rules_go_in_and_come_out() {
    let database = TestDatabase::new().unwrap();
    let mut store = store(&database).await;
    let file = r#"
        [[devices]]
        name = "host"
        type = "vm"
        vm = { vmid = 101, host = "pve1", type = "qemu", cpu_cores = 4, memory_mb = 8192, gpu_passthrough = true }
        models = [
            { name = "llama3", tag = "8b", size_bytes = 4661224676, temperature = "0.70" },
            { name = "llama3", quantization = "Q4_0" },
        ]

        [[devices.services]]
        name = "dashboard"
        type = "docker"
        containers = [{ name = "grafana", image = "grafana/grafana", ports_mapping = { "3000/tcp" = 3000 },
            volumes = ["/srv/grafana:/var/lib/grafana"] }]

        [[firewall_rules]]
        name = "no IoT into the lab"
        action = "drop"
        protocol = "any"
        source_network = "IoT"
        destination_network = "Lab"
        direction = "in"
        rule_index = 2000
    "#;
    let inventory = Inventory::from_toml(file).unwrap();
    let first = store.import_inventory(&inventory).await.unwrap();
    assert_eq!(
        counts(&first),
        [(0, 0), (1, 0), (0, 0), (1, 0), (0, 0), (1, 0), (1, 0), (2, 0), (1, 0)]
    );
    let text = store.export_inventory().await.unwrap().to_toml().unwrap();
    let exported = Inventory::from_toml(&text).unwrap();
    assert_eq!(counts(&store.import_inventory(&exported).await.unwrap()), [(0, 0); 9]);
    let host = &exported.devices[0];
    let vm = host.vm.as_ref().unwrap();
    assert_eq!((vm.vmid, vm.cpu_cores, vm.backup_enabled), (101, Some(4), Some(true)));
    let mut models: Vec<_> =
        host.models.iter().map(|one| (one.tag.as_deref(), one.temperature.as_deref())).collect();
    models.sort();
    assert_eq!(models, [(Some("8b"), Some("0.70")), (Some("latest"), None)]);
    assert_eq!(host.services[0].containers, inventory.devices[0].services[0].containers);
    assert_eq!(exported.firewall_rules[0].rule_index, Some(2000));
    let changed = file.replace("cpu_cores = 4", "cpu_cores = 8").replace("2000", "2001");
    let changed = store.import_inventory(&Inventory::from_toml(&changed).unwrap()).await.unwrap();
    assert_eq!(counts(&changed)[5..], [(0, 1), (0, 0), (0, 0), (0, 1)]);
    for (from, to, words) in [
        ("\"drop\"", "\"banish\"", "action_word"),
        ("\"qemu\"", "\"box\"", "vm_type_word"),
        ("\"0.70\"", "\"warm\"", "warm"),
    ] {
        let wrong = Inventory::from_toml(&file.replace(from, to)).unwrap();
        let refused = store.import_inventory(&wrong).await.unwrap_err();
        assert!(refused.to_string().contains(words), "{refused}");
    }
    let twice = Inventory::from_toml(&file.replace("tag = \"8b\", ", "")).unwrap_err();
    assert!(twice.to_string().contains("llama3:latest is in it twice"), "{twice}");
}
