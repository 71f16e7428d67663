//! Forms sent without scripts and refused: the page comes back with what was typed, without the secrets, and says why.

use axum::http::Method;
use domain::{actor::Actor, portal::ExtensionCalls};

use crate::harness::{Answer, Browser, Package, Portal, encode};

/// Sends a form from `page` as a browser without scripts does, and follows to where it ends.
async fn send(browser: &Browser, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
    let referer = format!("http://{}{page}", browser.http.authority);
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let headers = [("accept", "text/html"), kind, ("referer", referer.as_str())];
    let sent = browser.send(Method::POST, action, &headers, encode(fields)).await;
    if sent.status != 307 {
        return sent;
    }
    let back = sent.location().strip_prefix(&format!("http://{}", browser.http.authority)).expect("to our own page");
    assert!(back.starts_with(page.split('?').next().unwrap()), "{back}");
    browser.send(Method::POST, back, &headers, encode(fields)).await
}

/// The text of the page is `wanted`, and `secret` is nowhere.
fn shows(answer: &Answer, status: u16, wanted: &[&str], secret: &str) {
    let text = answer.text();
    assert_eq!(answer.status, status, "{text}");
    for words in wanted {
        assert!(text.contains(words), "{words:?} is not in {text}");
    }
    assert!(!text.contains(secret), "{secret:?} is shown");
}

#[tokio::test]
async fn an_account_that_cannot_be_made_keeps_its_name() {
    let portal = Portal::start().await;
    let owner = portal.owner().await;
    let fields = [("name", "bob smith"), ("role", "Contributor"), ("password", "long enough canary")];
    let answer = send(&owner, "/access", "/api/accounts/create", &fields).await;
    shows(&answer, 422, &["value=\"bob smith\"", "1 to 64", "value=\"Contributor\" selected"], "canary");
    let visited = owner.get("/access").await;
    assert!(!visited.text().contains("bob smith"), "only the answer to the form knows it");
    // a second try from the page that shows the first refusal
    let again =
        send(&owner, "/access?__path=%2Fapi%2Faccounts%2Fcreate&__err=e30=&x=1", "/api/accounts/create", &fields).await;
    shows(&again, 422, &["value=\"bob smith\"", "1 to 64"], "canary");
    let short = [("name", "bob"), ("role", "Reader"), ("password", "short")];
    let answer = send(&owner, "/access?x=1", "/api/accounts/create", &short).await;
    shows(&answer, 422, &["value=\"bob\"", "At least"], "\"short\"");
}

#[tokio::test]
async fn settings_that_break_the_schema_stay_in_their_fields() {
    let portal = Portal::start().await;
    portal.publish(&Package::probe()).await;
    let mut machine = portal.machine("alpha").await;
    machine.settle().await.unwrap();
    let vm = machine.credential().vm_id.clone();
    let owner = portal.owner().await;
    let fields = [
        ("form[targets][]", vm.as_str()),
        ("form[publisher]", "Test.Handlers"),
        ("form[extension_type]", "Probe"),
        ("form[version]", "1.0.0"),
        ("form[name]", "-bad name-"),
        ("form[settings][say]", "words <b>\"I typed\"</b>"),
        ("form[protected][password]", "canary"),
    ];
    let page = "/install/Test.Handlers/Probe";
    let answer = send(&owner, page, "/api/extensions/put", &fields).await;
    let wanted =
        ["words &lt;b&gt;&quot;I typed&quot;&lt;/b&gt;", "value=\"-bad name-\"", &format!("value=\"{vm}\" checked")];
    shows(&answer, 422, &wanted, "canary");
    // and when it is right, the same form is accepted
    let mut right = fields;
    right[4].1 = "Probe";
    let sent = send(&owner, page, "/api/extensions/put", &right).await;
    assert!(sent.status == 302 && sent.location().starts_with("/operations/"), "{} {}", sent.status, sent.text());
}

#[tokio::test]
async fn somebody_who_was_slower_sees_both_texts() {
    let portal = Portal::start().await;
    portal.publish(&Package::probe()).await;
    let mut machine = portal.machine("alpha").await;
    portal.install(&machine).await;
    machine.settle().await.unwrap();
    let vm = machine.credential().vm_id.clone();
    let owner = portal.owner().await;
    let there = async || {
        let found = portal.control.extension_get(&Actor::system(), vm.parse().unwrap(), "Probe".parse().unwrap()).await;
        found.unwrap().summary.extension
    };
    let seen = there().await.generation.to_string();
    portal.put(&machine, "theirs").await;
    machine.settle().await.unwrap();
    let fields = |etag| {
        [
            ("form[targets][0]", vm.as_str()),
            ("form[name]", "Probe"),
            ("form[publisher]", "Test.Handlers"),
            ("form[extension_type]", "Probe"),
            ("form[version]", "1.0.0"),
            ("form[etag]", etag),
            ("form[settings][say]", "mine"),
        ]
    };
    let page = format!("/vms/{vm}/extensions/Probe/settings");
    let answer = send(&owner, &page, "/api/extensions/put", &fields(&seen)).await;
    let now = there().await.generation.to_string();
    let wanted = ["Saved by somebody else meanwhile", ">theirs<", "value=\"mine\"", &format!("value=\"{now}\"")];
    shows(&answer, 412, &wanted, "canary");
    assert_eq!(there().await.settings["say"], "theirs", "nothing is saved yet");
    let saved = send(&owner, &page, "/api/extensions/put", &fields(&now)).await;
    assert!(saved.location().starts_with("/operations/"), "{} {}", saved.status, saved.text());
    assert_eq!(there().await.settings["say"], "mine");
}

#[tokio::test]
async fn a_machine_and_an_image_token_that_cannot_be_keep_what_was_typed() {
    let portal = Portal::start().await;
    let owner = portal.owner().await;
    let page = "/vms/new?mode=no-agent";
    let answer = send(&owner, page, "/api/vms/register", &[("name", "two words")]).await;
    shows(&answer, 422, &["value=\"two words\"", "is not allowed"], "canary");
    let made = send(&owner, page, "/api/vms/register", &[("name", "printer")]).await;
    assert!(made.location().starts_with("/vms/"), "{} {}", made.status, made.text());
    let machine = owner.get(made.location()).await.text();
    for words in ["Agent and extensions", "has no agent", "Add an agent", "Say that an agent is there", "Decommission"]
    {
        assert!(machine.contains(words), "{words:?} is not in {machine}");
    }

    let page = "/vms/new?mode=image";
    let fields = [("name_prefix", "-web"), ("uses", "10"), ("days", "366")];
    let answer = send(&owner, page, "/api/image-tokens/create", &fields).await;
    shows(&answer, 422, &["value=\"-web\"", "value=\"366\"", "1 to 365 days"], "canary");
    let fields = [("name_prefix", "-web"), ("uses", "10"), ("days", "3")];
    let answer = send(&owner, page, "/api/image-tokens/create", &fields).await;
    shows(&answer, 422, &["value=\"-web\"", "A prefix begins"], "canary");
}

#[tokio::test]
async fn the_page_for_adding_a_machine_shows_every_way_without_scripts() {
    let portal = Portal::start().await;
    let owner = portal.owner().await;
    for (page, wanted) in [
        ("/vms/new", vec!["This needs scripts", "apt-get install -q -y waagent", "annex-agent uninstall --forget"]),
        ("/vms/new?family=suse", vec!["python-azure-agent"]),
        ("/vms/new?mode=annex-agent", vec!["install --agent annex-agent"]),
        ("/vms/new?mode=foreground", vec!["Keep this running in the foreground"]),
        ("/vms/new?mode=image", vec!["Make a token for an image", "No image tokens"]),
        ("/vms/new?mode=no-agent", vec!["Register a machine without an agent"]),
        ("/vms/new?mode=lab", vec!["Start a lab machine"]),
    ] {
        let text = owner.get(page).await.text();
        for words in wanted {
            assert!(text.contains(words), "{page}: {words:?} is not in {text}");
        }
    }
    let reader = portal.person(domain::actor::Role::Reader).await;
    for page in ["/vms/new", "/vms/new?mode=image", "/vms/new?mode=no-agent"] {
        let text = reader.get(page).await.text();
        assert!(text.contains("aria-disabled=\"true\""), "{page}: {text}");
    }
}

#[tokio::test]
async fn arguments_that_cannot_be_read_are_the_senders_fault() {
    let portal = Portal::start().await;
    let owner = portal.owner().await;
    let half = owner.call(Method::GET, "/api/operations?filter[open_only]=true", &[]).await;
    assert_eq!((half.status.as_u16(), half.json()["code"].as_str().unwrap()), (422, "InvalidParameter"));
    let form = owner.call(Method::POST, "/api/vms/register", &[("nom", "x")]).await;
    assert_eq!(form.status, 422, "{}", form.text());
    assert!(form.text().contains("could not read the form"), "{}", form.text());
}

#[tokio::test]
async fn posting_to_a_page_by_itself_does_nothing() {
    let portal = Portal::start().await;
    let owner = portal.owner().await;
    let answer = owner.submit("/access", &[("name", "bob")]).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/access"));
    let foreign = [("accept", "text/html"), ("sec-fetch-site", "cross-site")];
    let answer = portal.http.send(Method::POST, "/access?__path=/api/x&__err=e30=", &foreign, Vec::new()).await;
    assert_eq!(answer.status, 403);
}
