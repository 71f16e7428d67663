//! Machines without an agent, machines that get one later, flags, and images.

use control::{EnrolRequest, Enrolled, StatusDocument};
use domain::{
    actor::Role, enrolment::ImageTokenOrder, fault::Fault, guest_agent::HealthWord, ids::VmId, portal::VmCalls,
};
use serde_json::json;

use crate::fixture::{Fixture, enrol_request, having, owner};

/// A machine with a certificate of its own.
fn request(token: &str, certificate: u8) -> EnrolRequest {
    EnrolRequest { certificate_der: vec![certificate], ..enrol_request(token) }
}

async fn enrol(f: &Fixture, request: EnrolRequest) -> Result<Enrolled, Fault> {
    // every try from another address: what is tested is not how often one may try
    let remote = uuid::Uuid::now_v7().to_string();
    f.control.enrol(request, &remote).await.map_err(|error| error.into_fault())
}

async fn install(f: &Fixture, vm: VmId) -> Result<(), Fault> {
    let put = f.put(vm, json!({ "commandToExecute": "true" }));
    f.control.put_extension(&owner(), put).await.map(drop).map_err(|error| error.into_fault())
}

/// The rule of the button is the rule of the request.
async fn refused(f: &Fixture, vm: VmId) -> Fault {
    let button = f.control.vm_get(&owner(), vm).await.unwrap().extension_change.expect("the button is off");
    let request = install(f, vm).await.expect_err("the request is refused");
    assert_eq!(button, request);
    button
}

#[tokio::test]
async fn a_machine_without_an_agent_gets_one_later_and_stays_itself() {
    let f = Fixture::new().await;
    f.publish("1.0.0").await;
    let vm = f.control.vm_register(&owner(), "printer".into()).await.unwrap();
    assert!(f.control.vm_register(&owner(), "PRINTER".into()).await.is_err(), "the name is taken");
    let why = refused(&f, vm.id).await;
    assert!(why.message.contains("has no agent") && why.message.contains("Agent and extensions"), "{}", why.message);

    let offer = f.control.enrolment_offer_for(&owner(), vm.id, 5).await.unwrap();
    let enrolled = enrol(&f, request(&offer.token, 1)).await.unwrap();
    assert_eq!((enrolled.vm_id, enrolled.vm_name.as_str()), (vm.id, "printer"));
    install(&f, vm.id).await.unwrap();
    assert!(f.control.agent_authenticate(enrolled.credential.reveal()).await.is_ok());

    // its disk is made anew: the old credential is void at once
    let offer = f.control.enrolment_offer_for(&owner(), vm.id, 5).await.unwrap();
    assert!(f.control.agent_authenticate(enrolled.credential.reveal()).await.is_ok(), "a token alone changes nothing");
    let again = enrol(&f, request(&offer.token, 2)).await.unwrap();
    assert_eq!(again.vm_id, vm.id);
    assert!(f.control.agent_authenticate(enrolled.credential.reveal()).await.is_err());
    assert!(f.control.agent_authenticate(again.credential.reveal()).await.is_ok());
}

#[tokio::test]
async fn a_token_says_which_machine_it_lets_in() {
    let f = Fixture::new().await;
    let first = f.control.enrolment_offer(&owner(), "first".into(), 5).await.unwrap();
    let second = f.control.enrolment_offer(&owner(), String::new(), 5).await.unwrap();
    let later = enrol(&f, request(&second.token, 2)).await.unwrap();
    let earlier = enrol(&f, request(&first.token, 1)).await.unwrap();
    assert_eq!((Some(earlier.vm_id), Some(later.vm_id)), (first.machine, second.machine));

    let vm = f.control.vm_register(&owner(), "printer".into()).await.unwrap();
    let offer = f.control.enrolment_offer_for(&owner(), vm.id, 5).await.unwrap();
    assert_eq!(offer.machine, Some(vm.id));
    let order = ImageTokenOrder { name_prefix: String::new(), uses: 2, days: 1 };
    assert_eq!(f.control.image_token_create(&owner(), order).await.unwrap().machine, None, "it lets several in");
}

#[tokio::test]
async fn an_agent_that_was_installed_before_is_said_by_hand() {
    let f = Fixture::new().await;
    f.publish("1.0.0").await;
    let vm = f.control.vm_register(&owner(), "old".into()).await.unwrap();
    f.control.vm_agent_present(&owner(), vm.id, true).await.unwrap();
    install(&f, vm.id).await.expect("it waits for the agent");
    f.control.vm_agent_present(&owner(), vm.id, false).await.unwrap();
    refused(&f, vm.id).await;

    // an agent that answers cannot be said away; a silent one can, until it reports
    let machine = f.machine("new").await;
    drop(f.control.agent_contact(machine.id));
    let answer = f.control.vm_agent_present(&owner(), machine.id, false).await.unwrap_err();
    assert!(answer.message.contains("answers"), "{}", answer.message);
    f.pass(60_000);
    assert_eq!(f.control.vm_get(&owner(), machine.id).await.unwrap().health.word(), HealthWord::NotResponding);
    f.control.vm_agent_present(&owner(), machine.id, false).await.unwrap();
    refused(&f, machine.id).await;
    f.control.status_put(machine.id, StatusDocument::default()).await.map_err(|e| e.into_fault()).unwrap();
    install(&f, machine.id).await.expect("it has reported");
}

#[tokio::test]
async fn extension_operations_can_be_switched_off() {
    let f = Fixture::new().await;
    f.publish("1.0.0").await;
    let machine = f.machine("web").await;
    f.control.vm_allow_extensions(&owner(), machine.id, false).await.unwrap();
    let why = refused(&f, machine.id).await;
    assert!(why.message.contains("switched off on web"), "{}", why.message);
    let vm = f.control.vm_get(&owner(), machine.id).await.unwrap().vm;
    assert_eq!((vm.allow_extension_operations, vm.provision_guest_agent), (false, true));
    f.control.vm_allow_extensions(&owner(), machine.id, true).await.unwrap();
    install(&f, machine.id).await.unwrap();
}

#[tokio::test]
async fn an_image_token_lets_as_many_machines_in_as_it_says() {
    let f = Fixture::new().await;
    let order = |uses, days| ImageTokenOrder { name_prefix: "web-".into(), uses, days };
    let offer = f.control.image_token_create(&owner(), order(2, 1)).await.unwrap();
    let first = enrol(&f, request(&offer.token, 1)).await.unwrap();
    assert_eq!(first.vm_name.as_str(), "web-host-1");
    // the answer was lost: the same machine asks again, with the same certificate
    let again = enrol(&f, request(&offer.token, 1)).await.unwrap();
    assert_eq!(again.vm_id, first.vm_id);
    assert!(f.control.agent_authenticate(first.credential.reveal()).await.is_err(), "nobody had it");
    let listed = f.control.image_token_list(&owner()).await.unwrap();
    assert_eq!((listed.len(), listed[0].uses, listed[0].uses_left()), (1, 1, 1), "one machine, one use");

    let second = enrol(&f, request(&offer.token, 2)).await.unwrap();
    assert_eq!(second.vm_name.as_str(), "web-host-1-2");
    enrol(&f, request(&offer.token, 3)).await.expect_err("both uses are taken");
    // whoever has been heard of is not replaced by somebody with the same certificate
    drop(f.control.agent_contact(second.vm_id));
    f.control.status_put(second.vm_id, StatusDocument::default()).await.map_err(|e| e.into_fault()).unwrap();
    enrol(&f, request(&offer.token, 2)).await.expect_err("the machine has spoken since");
    assert!(f.control.agent_authenticate(second.credential.reveal()).await.is_ok());

    let expiring = f.control.image_token_create(&owner(), order(2, 1)).await.unwrap();
    f.pass(24 * 3_600_000);
    enrol(&f, request(&expiring.token, 4)).await.expect_err("expired");
    let revoked = f.control.image_token_create(&owner(), order(2, 1)).await.unwrap();
    let id = f.control.image_token_list(&owner()).await.unwrap()[0].id;
    f.control.image_token_revoke(&owner(), id).await.unwrap();
    enrol(&f, request(&revoked.token, 5)).await.expect_err("revoked");
    assert!(f.control.image_token_revoke(&owner(), id).await.is_err());
    assert!(f.control.image_token_create(&owner(), order(0, 1)).await.is_err());
}

#[tokio::test]
async fn only_who_manages_machines_may() {
    let f = Fixture::new().await;
    let machine = f.machine("web").await;
    let operator = having("bob", Role::ExtensionOperator);
    let order = ImageTokenOrder { name_prefix: String::new(), uses: 1, days: 1 };
    let refusals = [
        f.control.vm_register(&operator, "x".into()).await.map(drop),
        f.control.enrolment_offer_for(&operator, machine.id, 5).await.map(drop),
        f.control.vm_allow_extensions(&operator, machine.id, false).await,
        f.control.vm_agent_present(&operator, machine.id, true).await,
        f.control.image_token_list(&operator).await.map(drop),
        f.control.image_token_create(&operator, order).await.map(drop),
    ];
    for refusal in refusals {
        assert_eq!(refusal.unwrap_err().code, "AuthorizationFailed");
    }
}
