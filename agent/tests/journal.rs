//! The run journal: numbers without gap or repeat, whatever dies when.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use agent::journal::{Journals, Run};
use agent_protocol::records::{MAX_RUN_BYTES, MAX_RUN_LINES};
use agent_protocol::{Acknowledged, Entry, Record, RunKey, StepName, StepPhase, Stream};
use proptest::prelude::*;

fn key(incarnation: u64) -> RunKey {
    RunKey { incarnation, handler: "Annex.Extensions.CustomScript".into(), extension: "CustomScript".into() }
}

fn records(journals: &Journals) -> Vec<Record> {
    journals.pending(usize::MAX).into_iter().flat_map(|run| run.records).collect()
}

/// The output so far, parts of lines joined.
fn text(records: &[Record], wanted: Stream) -> String {
    let mut text = String::new();
    for record in records {
        if let Entry::Line(line) = &record.entry
            && line.stream == wanted
        {
            text.push_str(&line.text);
            if !line.partial {
                text.push('\n');
            }
        }
    }
    text
}

fn append(path: &Path, text: &[u8]) {
    OpenOptions::new().create(true).append(true).open(path).unwrap().write_all(text).unwrap();
}

async fn until(what: &str, journals: &Journals, mut done: impl FnMut(&[Record]) -> bool) -> Vec<Record> {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    loop {
        let now = records(journals);
        if done(&now) {
            return now;
        }
        assert!(tokio::time::timeout_at(deadline, journals.changed()).await.is_ok(), "waiting for {what}: {now:?}");
    }
}

fn acknowledge(journals: &Journals, incarnation: u64, next: u64) {
    journals.acknowledge(&[Acknowledged { key: key(incarnation), next }]);
}

#[tokio::test]
async fn lines_arrive_while_they_are_written() {
    let dir = tempfile::tempdir().unwrap();
    let journals = Journals::open(&dir.path().join("runs")).unwrap();
    let run = journals.run(&key(1)).unwrap();
    let output = dir.path().join("0.stdout");
    let tail = run.tail(Stream::Stdout, &output);
    append(&output, b"one\ntw");
    let got = until("one and a part", &journals, |got| got.len() == 2).await;
    assert_eq!(text(&got, Stream::Stdout), "one\ntw");
    append(&output, b"o\nthree");
    until("two", &journals, |got| text(got, Stream::Stdout).starts_with("one\ntwo\n")).await;
    tail.finish().await;
    run.finish().await;
    assert_eq!(text(&records(&journals), Stream::Stdout), "one\ntwo\nthree\n");
    assert!(run.is_over());
}

#[test]
fn a_new_life_goes_on_with_the_next_number_and_the_next_byte() {
    let dir = tempfile::tempdir().unwrap();
    let (runs, output) = (dir.path().join("runs"), dir.path().join("0.stdout"));
    for life in 0..5 {
        // the runtime dies with everything in it; nothing is finished
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let journals = Journals::open(&runs).unwrap();
            assert_eq!(journals.open_runs().len(), usize::from(life > 0));
            let run = journals.run(&key(7)).unwrap();
            run.started(StepName::Enabled);
            assert_eq!(run.phase(StepName::Enabled), Some(StepPhase::Started));
            drop(run.tail(Stream::Stdout, &output));
            append(&output, format!("line {life}\n").as_bytes());
            let wanted: String = (0..=life).map(|n| format!("line {n}\n")).collect();
            until("the line", &journals, |got| text(got, Stream::Stdout) == wanted).await;
        });
    }
    let journals = Journals::open(&runs).unwrap();
    let numbers: Vec<_> = records(&journals).iter().map(|record| record.n).collect();
    assert_eq!(numbers, (0..10).collect::<Vec<_>>());
}

#[tokio::test]
async fn output_over_the_cap_is_dropped_and_counted_once() {
    let dir = tempfile::tempdir().unwrap();
    let (runs, output) = (dir.path().join("runs"), dir.path().join("0.stdout"));
    let lines: String = (0..MAX_RUN_LINES + 500).map(|n| format!("{n}\n")).collect();
    append(&output, lines.as_bytes());
    for finish in [false, true, true] {
        let journals = Journals::open(&runs).unwrap();
        let run = journals.run(&key(1)).unwrap();
        let tail = run.tail(Stream::Stdout, &output);
        tail.finish().await;
        if finish {
            run.finish().await;
        }
        let got = records(&journals);
        let of = |wanted: fn(&Entry) -> bool| got.iter().filter(|record| wanted(&record.entry)).count();
        assert_eq!(of(|entry| matches!(entry, Entry::Line(_))) as u64, MAX_RUN_LINES);
        assert_eq!(of(|entry| matches!(entry, Entry::Capped { .. })), 1);
        let dropped: u64 =
            got.iter().map(|record| if let Entry::Dropped { lines } = record.entry { lines } else { 0 }).sum();
        assert_eq!(dropped, if finish { 500 } else { 0 });
    }
}

#[tokio::test]
async fn the_cap_counts_bytes_too() {
    let dir = tempfile::tempdir().unwrap();
    let journals = Journals::open(dir.path()).unwrap();
    let run = journals.run(&key(1)).unwrap();
    for _ in 0..300 {
        run.line(Stream::Stderr, &"x".repeat(10_000));
    }
    run.note("still said");
    run.finish().await;
    let got = records(&journals);
    assert!(text(&got, Stream::Stderr).len() as u64 <= MAX_RUN_BYTES + 300);
    assert_eq!(text(&got, Stream::Agent), "still said\n");
    assert!(matches!(got.last().unwrap().entry, Entry::Dropped { lines } if lines > 190));
}

#[tokio::test]
async fn what_the_server_has_is_not_sent_again_and_numbers_go_on_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let journals = Journals::open(dir.path()).unwrap();
    let run = journals.run(&key(3)).unwrap();
    run.note("a\nb\nc");
    acknowledge(&journals, 3, 2);
    assert_eq!(text(&records(&journals), Stream::Agent), "c\n");
    acknowledge(&journals, 3, 1); // a gap: the server asks again
    assert_eq!(text(&records(&journals), Stream::Agent), "b\nc\n");
    run.finish().await;
    acknowledge(&journals, 3, 3);
    assert!(records(&journals).is_empty());

    // the same goal state applied again, also by a new life
    let journals = Journals::open(dir.path()).unwrap();
    let run = journals.run(&key(3)).unwrap();
    run.note("d");
    assert_eq!(records(&journals)[0].n, 3);
    acknowledge(&journals, 3, 10); // the disk lost what the server has
    run.note("e");
    assert_eq!(records(&journals)[0].n, 10);

    journals.forget_before(4);
    assert_eq!(journals.open_runs(), [key(3)], "an open run is kept");
    run.finish().await;
    acknowledge(&journals, 3, 11);
    journals.forget_before(4);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_replaced_output_file_is_read_from_its_start() {
    let dir = tempfile::tempdir().unwrap();
    let journals = Journals::open(&dir.path().join("runs")).unwrap();
    let run = journals.run(&key(1)).unwrap();
    let output = dir.path().join("0.stdout");
    append(&output, b"a long first text\n");
    run.tail(Stream::Stdout, &output).finish().await;
    fs::write(dir.path().join("new"), b"a second text, longer than the first\n").unwrap();
    fs::rename(dir.path().join("new"), &output).unwrap();
    run.tail(Stream::Stdout, &output).finish().await;
    assert_eq!(text(&records(&journals), Stream::Stdout), "a long first text\na second text, longer than the first\n");
}

#[tokio::test]
async fn batches_keep_to_their_budget() {
    let dir = tempfile::tempdir().unwrap();
    let journals = Journals::open(dir.path()).unwrap();
    let run = journals.run(&key(1)).unwrap();
    (0..100).for_each(|n| run.note(&format!("{n:0100}")));
    let batch = journals.pending(4000);
    assert!((5..20).contains(&batch[0].records.len()), "{}", batch[0].records.len());
    assert_eq!(journals.pending(1)[0].records.len(), 1, "at least one record goes");
}

fn script(run: &Run, actions: &[u8]) {
    for action in actions {
        match action {
            0 => run.started(StepName::Installed),
            1 => run.note("note"),
            _ => run.line(Stream::Stdout, &"x".repeat(usize::from(*action))),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    /// Power loss leaves any prefix of the file: what is read again is a prefix of what was written.
    #[test]
    fn any_torn_file_is_a_prefix(actions in proptest::collection::vec(any::<u8>(), 1..20), cut in any::<prop::sample::Index>()) {
        let dir = tempfile::tempdir().unwrap();
        let journals = Journals::open(dir.path()).unwrap();
        script(&journals.run(&key(1)).unwrap(), &actions);
        let whole = records(&journals);
        drop(journals);
        let path = fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap().path();
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..cut.index(bytes.len() + 1)]).unwrap();
        let journals = Journals::open(dir.path()).unwrap();
        let torn = records(&journals);
        prop_assert_eq!(&torn[..], &whole[..torn.len()]);
        let run = journals.run(&key(1)).unwrap();
        run.note("more");
        let after = records(&journals);
        prop_assert_eq!(after.len(), torn.len() + 1);
        prop_assert_eq!(after.last().unwrap().n, torn.len() as u64);
    }
}
