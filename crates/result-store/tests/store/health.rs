//! What was looked at in the network: results with device and service, the history of health, services as they are.

use bench_model::{SessionStatus, Verdict, VerdictCounts};
use private_postgres::SUPERUSER;
use result_store::testing::TestDatabase;

use crate::journals::{self, Journals, session, start};
use crate::recorder::store;
use crate::sql::rows;

const INVENTORY: &str = "INSERT INTO infrastructure.devices (device_id, device_name, device_type)
    VALUES ('01890000-0000-7000-8000-000000000001', 'nas', 'physical');
    INSERT INTO infrastructure.services (service_id, device_id, service_name) VALUES
    ('01890000-0000-7000-8000-000000000002', '01890000-0000-7000-8000-000000000001', 'web')";

#[tokio::test]
async fn what_was_looked_at_is_in_the_history_of_health_once_and_its_service_is_so() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let psql = database.server().psql(SUPERUSER, database.name());
    assert!(psql.unwrap().args(["-AtXqc", INVENTORY]).status().unwrap().success());
    let mut events = vec![journals::started(start(1))];
    for (number, verdict) in
        [(1, Verdict::Pass), (2, Verdict::Fail), (3, Verdict::Skip), (5, Verdict::Inconclusive)]
    {
        let mut result = journals::result(1, number, verdict);
        result.finished_at += std::time::Duration::from_secs(number.into());
        (result.device, result.service) = (Some("nas".into()), Some("web".into()));
        events.push(journals::judged(result));
    }
    // What an instrument measured is no health.
    events.push(journals::judged(journals::result(1, 4, Verdict::Pass)));
    let counts =
        VerdictCounts { pass: 2, fail: 1, skip: 1, inconclusive: 1, ..VerdictCounts::default() };
    events.push(journals::ended(SessionStatus::Completed, counts));
    let journal = journals.write(session(1), &journals::numbered(events));
    let mut store = store(&database).await;
    for _ in 0..2 {
        store.catch_up(&journal).await.unwrap();
    }
    let health = "SELECT string_agg(concat_ws(' ', status, metric_name, metric_value, subsystem), ', ' ORDER BY measurement_id),
        bool_and(metadata ? 'service_id' AND metadata ? 'device_id') FROM network.health_history";
    let found = rows(&database, health, &[]).await;
    let words: String = found[0].get(0);
    assert!(found[0].get::<_, bool>(1), "{words}");
    assert!(
        words.starts_with("ok rail/vout") && words.contains("5.00100000 lan, error rail/vout"),
        "{words}"
    );
    assert_eq!(words.matches("lan").count(), 3, "{words}");
    let service = "SELECT concat_ws(' ', status, last_checked_at IS NOT NULL, (SELECT count(*) FROM testing.test_results
        WHERE test_results.service_id = services.service_id AND device_id IS NOT NULL)) FROM infrastructure.services";
    assert_eq!(rows(&database, service, &[]).await[0].get::<_, String>(0), "error t 4");
    // A change of its status is an event, and so the journal that came twice makes none twice.
    let events = "SELECT string_agg(concat_ws(' ', event_type, severity, source, title, description,
        device_id IS NOT NULL AND service_id IS NOT NULL, metadata ->> 'new_status'), '; ' ORDER BY event_id)
        FROM audit.system_events WHERE service_id IS NOT NULL";
    assert_eq!(
        rows(&database, events, &[]).await[0].get::<_, String>(0),
        "service_status info database_trigger Service status changed: web Status changed from unknown to running t running; \
         service_status error database_trigger Service status changed: web Status changed from running to error t error"
    );
}
