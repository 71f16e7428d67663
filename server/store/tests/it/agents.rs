//! Agents and enrolment tokens.

use domain::{generation::Incarnation, guest_agent::AgentKind, ids::EnrolmentTokenId};
use store::{EnrolmentTokenRow, NewAgent};

use crate::{
    fixture::{Fixture, NOW},
    story,
};

story!(enrolling_again_replaces_the_credential, credentials);
async fn credentials(f: &Fixture) {
    let vm = f.vm("a").await;
    let mut tx = f.store.begin().await.unwrap();
    let agent = |hash: &str| NewAgent {
        vm_id: vm.id,
        kind: AgentKind::Waagent,
        version: "2.7.3".into(),
        credential_hash: hash.into(),
        certificate: Some("DER".into()),
        enrolled_at: NOW,
    };
    tx.agent_put(&agent("one")).await.unwrap();
    tx.agent_put(&agent("two")).await.unwrap();
    assert!(tx.agent_by_credential("one").await.unwrap().is_none());
    let who = tx.agent_by_credential("two").await.unwrap().unwrap();
    assert_eq!((who.vm_id, who.vm_name.as_str(), who.kind), (vm.id, "a", AgentKind::Waagent));
    tx.agent_fetched(vm.id, Incarnation::new(3), NOW).await.unwrap();
    tx.agent_reported(vm.id, Some(Incarnation::new(3)), NOW.plus_millis(1)).await.unwrap();
    tx.agent_reported(vm.id, None, NOW.plus_millis(2)).await.unwrap();
    tx.agent_contact(vm.id, &crate::agent_history::contact(NOW)).await.unwrap();
    tx.agent_version(vm.id, "2.16").await.unwrap();
    let stored = tx.vm_get(vm.id).await.unwrap().unwrap().agent.unwrap();
    assert_eq!(stored.reported_incarnation, Some(Incarnation::new(3)));
    assert_eq!(stored.last_contact_at, Some(NOW.plus_millis(2)), "contact never goes back");
    assert_eq!(stored.version, "2.16");
    assert_eq!(tx.agent_of(vm.id).await.unwrap().unwrap().certificate.as_deref(), Some("DER"));
}

story!(a_token_is_used_once, tokens);
async fn tokens(f: &Fixture) {
    let token = EnrolmentTokenRow {
        id: EnrolmentTokenId::new(uuid::Uuid::now_v7()),
        token_hash: "hash".into(),
        vm_id: None,
        vm_name: Some("web".into()),
        created_by: "ana".into(),
        created_at: NOW,
        expires_at: NOW.plus_millis(1000),
        used_at: None,
    };
    let mut tx = f.store.begin().await.unwrap();
    tx.enrolment_token_insert(&token).await.unwrap();
    assert!(tx.enrolment_token_use(token.id, NOW).await.unwrap());
    assert!(!tx.enrolment_token_use(token.id, NOW).await.unwrap());
    let stored = tx.enrolment_token_get("hash").await.unwrap().unwrap();
    assert_eq!(stored.used_at, Some(NOW));
    tx.enrolment_tokens_drop(NOW.plus_millis(2 * 86_400_000)).await.unwrap();
    assert!(tx.enrolment_token_get("hash").await.unwrap().is_none());
}
