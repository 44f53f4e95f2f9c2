//! Leases of instruments between hosts.

use std::time::Duration;

use result_store::LeaseHolder;
use result_store::testing::TestDatabase;
use uuid::Uuid;

use crate::recorder::store;
use crate::sql::rows;

const LASTS: Duration = Duration::from_secs(90);

fn holder(number: u128, host: &str) -> LeaseHolder {
    LeaseHolder { holder: Uuid::from_u128(number), host: host.into(), process: 7 }
}

#[tokio::test]
async fn one_host_has_an_instrument_until_it_gives_it_back_or_its_time_is_over() {
    let database = TestDatabase::new().unwrap();
    let (mut here, mut there) = (store(&database).await, store(&database).await);
    let (one, other) = (holder(1, "lab-1"), holder(2, "lab-2"));
    let psu = "tcp://10.0.0.5:5555";
    assert_eq!(here.take_lease(psu, &one, LASTS).await.unwrap(), None);
    let leased = there.take_lease(psu, &other, LASTS).await.unwrap().unwrap();
    assert_eq!((leased.host.as_str(), leased.process), ("lab-1", 7));
    assert!((80..=90).contains(&leased.ends_in_s), "{leased:?}");
    assert_eq!(here.renew_leases(one.holder, LASTS).await.unwrap(), 1);
    here.release_leases(one.holder).await.unwrap();
    assert_eq!(there.take_lease(psu, &other, LASTS).await.unwrap(), None);
    // A host that died: its lease ends by itself.
    let past = "UPDATE scpi_run.instrument_leases SET expires_at = now() - interval '1 s'
        WHERE holder = $1 RETURNING instrument";
    assert_eq!(rows(&database, past, &[&other.holder]).await.len(), 1);
    assert_eq!(here.take_lease(psu, &one, LASTS).await.unwrap(), None);
    assert_eq!(there.renew_leases(other.holder, LASTS).await.unwrap(), 0);
    // Whoever comes on the same host has proved by a lock that the one before is dead.
    let next = holder(3, "lab-1");
    assert_eq!(here.take_lease(psu, &next, LASTS).await.unwrap(), None);
    here.release_leases(one.holder).await.unwrap();
    assert!(there.take_lease(psu, &other, LASTS).await.unwrap().is_some());
}

#[tokio::test]
async fn of_many_that_want_it_at_once_one_gets_it() {
    let database = TestDatabase::new().unwrap();
    let mut wanting = Vec::new();
    for number in 1..=8_u128 {
        let mut own = store(&database).await;
        wanting.push(tokio::spawn(async move {
            let host = format!("lab-{number}");
            own.take_lease("tcp://dmm.lab:5025", &holder(number, &host), LASTS).await.unwrap()
        }));
    }
    let mut taken = 0;
    for one in wanting {
        taken += u32::from(one.await.unwrap().is_none());
    }
    assert_eq!(taken, 1);
}
