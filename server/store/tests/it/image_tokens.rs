//! Tokens for images.

use domain::{enrolment::ImageToken, guest_agent::AgentKind, ids::ImageTokenId};
use store::NewAgent;

use crate::{
    fixture::{Fixture, NOW},
    story,
};

story!(an_image_token_is_used_as_often_as_it_says, uses);
async fn uses(f: &Fixture) {
    let token = ImageToken {
        id: ImageTokenId::new(uuid::Uuid::now_v7()),
        name_prefix: "web-".into(),
        created_by: "ana".into(),
        created_at: NOW,
        expires_at: NOW.plus_millis(1000),
        uses_allowed: 2,
        uses: 0,
        revoked_at: None,
    };
    let mut tx = f.store.begin().await.unwrap();
    tx.image_token_insert(&token, "hash").await.unwrap();
    assert_eq!(tx.image_token_by_hash("hash").await.unwrap(), Some(token.clone()));
    assert_eq!(tx.image_token_by_hash("other").await.unwrap(), None);
    assert!(tx.image_token_use(token.id).await.unwrap());
    assert!(tx.image_token_use(token.id).await.unwrap());
    assert!(!tx.image_token_use(token.id).await.unwrap(), "two machines are all it lets in");
    let other =
        ImageToken { id: ImageTokenId::new(uuid::Uuid::now_v7()), created_at: NOW.plus_millis(1), ..token.clone() };
    tx.image_token_insert(&other, "other").await.unwrap();
    assert!(tx.image_token_revoke(other.id, NOW).await.unwrap());
    assert!(!tx.image_token_revoke(other.id, NOW).await.unwrap());
    assert!(!tx.image_token_use(other.id).await.unwrap(), "revoked");
    let listed = tx.image_token_list().await.unwrap();
    assert_eq!(listed, [ImageToken { revoked_at: Some(NOW), ..other }, ImageToken { uses: 2, ..token.clone() }]);
    assert_eq!(tx.image_token_get(token.id).await.unwrap().unwrap().uses_left(), 0);
}

story!(a_machine_that_never_came_is_found_by_its_certificate, interrupted);
async fn interrupted(f: &Fixture) {
    let vm = f.vm("a").await;
    let mut tx = f.store.begin().await.unwrap();
    tx.agent_put(&NewAgent {
        vm_id: vm.id,
        kind: AgentKind::Native,
        version: "1".into(),
        credential_hash: "h".into(),
        certificate: Some("DER".into()),
        enrolled_at: NOW,
    })
    .await
    .unwrap();
    assert_eq!(tx.agent_never_seen("DER").await.unwrap(), Some(vm.id));
    assert_eq!(tx.agent_never_seen("other").await.unwrap(), None);
    tx.agent_contact(vm.id, &crate::agent_history::contact(NOW)).await.unwrap();
    assert_eq!(tx.agent_never_seen("DER").await.unwrap(), None, "whoever has been here is not replaced");
}

story!(the_flags_of_a_machine_are_kept, flags);
async fn flags(f: &Fixture) {
    let mut vm = f.vm("a").await;
    (vm.provision_guest_agent, vm.allow_extension_operations) = (true, false);
    let mut tx = f.store.begin().await.unwrap();
    tx.vm_update(&vm).await.unwrap();
    let stored = tx.vm_get(vm.id).await.unwrap().unwrap();
    assert!(stored.provision_guest_agent && !stored.allow_extension_operations);
    assert!(tx.platforms().await.unwrap().iter().any(|row| row.platform == stored.platform()));
}
