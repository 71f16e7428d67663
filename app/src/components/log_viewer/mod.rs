//! The output of one machine's run, line by line while it runs.
//!
//! ```text
//!  server: first records ──► rows in the page ──hydrate──► live `Output` events ──► dom::append (old rows untouched)
//!                                                             │ `next` drops repeats
//!  ?stream=stdout|stderr ──► data-show on the list ──► CSS hides the other rows: filtering renders nothing
//! ```

mod dom;
mod follow;
mod line;

use domain::{
    ids::{OperationId, VmId},
    run_output::{OUTPUT_CAP_BYTES, OUTPUT_CAP_LINES, OutputEntry, OutputRecord, RunOutput, Stream},
};
use leptos::{html, prelude::*};

use crate::{
    live::use_output,
    ui::{Icon, bytes},
};

/// Which lines are shown; stands in the address as `stream`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// Everything, steps included.
    #[default]
    Both,
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl Shown {
    /// All choices.
    pub const ALL: [Self; 3] = [Self::Both, Self::Stdout, Self::Stderr];

    /// The word in an address; empty for everything.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Both => "",
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }

    /// The word on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Both => "Both",
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }

    /// Reads [`Self::code`] back; anything else shows everything.
    pub fn parse(code: &str) -> Self {
        Self::ALL.into_iter().find(|s| s.code() == code).unwrap_or_default()
    }
}

/// What is on the page so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    next: u64,
    stdout: u32,
    stderr: u32,
    bytes: u64,
    first_error: Option<u64>,
    capped: bool,
    dropped: u64,
    complete: bool,
}

impl Tally {
    /// Counts records in; those that are there already are left out of the answer.
    fn take(&mut self, output: RunOutput) -> Vec<OutputRecord> {
        let mut fresh = output.records;
        fresh.retain(|r| r.n >= self.next);
        for record in &fresh {
            match &record.entry {
                OutputEntry::Line { stream, text } => {
                    self.bytes += u64::try_from(text.len() + 1).unwrap_or(0);
                    match stream {
                        Stream::Stderr => {
                            self.stderr += 1;
                            self.first_error = self.first_error.or(Some(record.n + 1));
                        }
                        Stream::Stdout => self.stdout += 1,
                        Stream::Agent => {}
                    }
                }
                OutputEntry::Step { .. } => {}
                OutputEntry::Capped => self.capped = true,
                OutputEntry::Dropped { lines } => self.dropped += lines,
            }
        }
        self.next = self.next.max(output.next);
        self.complete |= output.complete;
        fresh
    }
}

/// The log of one machine's part of an operation.
#[component]
pub fn LogViewer(
    /// The operation.
    operation: OperationId,
    /// The machine.
    vm: VmId,
    /// Heading.
    #[prop(into)]
    heading: String,
    /// The run's output from its beginning (or from where the address says), as far as the server had it.
    first: RunOutput,
    /// Which lines are shown.
    #[prop(into)]
    shown: Signal<Shown>,
    /// The address of this page that shows other lines.
    href: Callback<Shown, String>,
    /// The address of this page with the output from a record on: for people without scripts.
    more: Callback<u64, String>,
    /// Exit code, once there is one.
    #[prop(into)]
    exit_code: Signal<Option<i64>>,
) -> impl IntoView {
    let mut begun = Tally::default();
    let rows: Vec<line::Row> = begun.take(first).into_iter().map(line::Row::of).collect();
    let (empty, start) = (rows.is_empty(), begun);
    let tally = RwSignal::new(begun);
    let list = NodeRef::<html::Div>::new();
    let tail = NodeRef::<html::Div>::new();
    let follow = follow::use_follow(list, !begun.complete);

    if !begun.complete {
        use_output(
            move || Some((operation, vm, begun.next)),
            move |output: RunOutput| {
                let Some(tail) = tail.try_get_untracked().flatten() else { return };
                // the list first, the counters after: a line is on the page before anything is computed about it
                let Some(mut now) = tally.try_get_untracked() else { return };
                dom::append(&tail, now.take(output).into_iter().map(line::Row::of));
                follow.to_end();
                tally.set(now);
            },
        );
    }

    let show = move || match shown.get() {
        Shown::Both => "both",
        Shown::Stdout => "stdout",
        Shown::Stderr => "stderr",
    };
    let download = crate::paths::operation_output(operation, vm);
    view! {
        <section class="log-viewer" aria-labelledby="log-heading">
            <div class="log-bar">
                <h2 id="log-heading">{heading}</h2>
                <FirstError tally />
                <StreamLinks tally shown href />
                <a
                    class="btn btn-ghost btn-icon btn-sm"
                    href=download
                    rel="external"
                    download=""
                    aria-label="Download the output as text"
                    title="Download the output as text"
                >
                    <Icon name="download" />
                </a>
                <follow::FollowButton follow wanted=Signal::derive(move || !tally.get().complete) />
            </div>
            <div
                class="log-lines max-h-[34rem] overflow-auto data-[show=stdout]:[&_.log-line:not([data-stream=stdout])]:hidden data-[show=stderr]:[&_.log-line:not([data-stream=stderr])]:hidden"
                data-show=show
                tabindex="0"
                role="log"
                aria-live="off"
                aria-label="Output"
                node_ref=list
                on:scroll=move |_| follow.scrolled()
            >
                <div>{rows.into_iter().map(line::row_view).collect_view()}</div>
                <div node_ref=tail></div>
                <NothingYet tally shown />
            </div>
            {(!start.complete && !empty)
                .then(|| {
                    view! {
                        <p class="table-note" hidden=move || follow.is_alive()>
                            <a class="link" href=more.run(start.next)>
                                "Later lines"
                            </a>
                        </p>
                    }
                })}
            <LogFoot tally exit_code />
        </section>
    }
}

#[component]
fn FirstError(tally: RwSignal<Tally>) -> impl IntoView {
    let first = Memo::new(move |_| tally.get().first_error);
    move || {
        first.get().map(|number| {
            view! {
                <a class="btn btn-ghost btn-sm" href=format!("#L{number}") rel="external">
                    <Icon name="arrow-down" class="icon-14" />
                    "First error"
                </a>
            }
        })
    }
}

#[component]
fn StreamLinks(
    tally: RwSignal<Tally>,
    #[prop(into)] shown: Signal<Shown>,
    href: Callback<Shown, String>,
) -> impl IntoView {
    let link = move |choice: Shown| {
        let count = move || {
            let tally = tally.get();
            match choice {
                Shown::Both => None,
                Shown::Stdout => Some(tally.stdout),
                Shown::Stderr => Some(tally.stderr),
            }
        };
        view! {
            <a
                href=move || href.run(choice)
                data-noscroll="true"
                aria-current=move || (shown.get() == choice).then_some("true")
            >
                {choice.label()}
                {move || count().map(|count| view! { <span class="meta">{count}</span> })}
            </a>
        }
    };
    view! {
        <nav class="segmented" aria-label="Stream">
            {Shown::ALL.map(link).collect_view()}
        </nav>
    }
}

#[component]
fn NothingYet(tally: RwSignal<Tally>, #[prop(into)] shown: Signal<Shown>) -> impl IntoView {
    let words = move || {
        let tally = tally.get();
        let none = match shown.get() {
            Shown::Both => tally.next == 0,
            Shown::Stdout => tally.stdout == 0,
            Shown::Stderr => tally.stderr == 0,
        };
        let stream = match shown.get() {
            Shown::Both => "Nothing was written",
            Shown::Stdout => "Nothing was written to standard output",
            Shown::Stderr => "Nothing was written to standard error",
        };
        none.then(|| {
            if tally.complete { format!("{stream}.") } else { format!("{stream} yet. Lines appear here as they come.") }
        })
    };
    move || words().map(|words| view! { <p class="px-4 py-2 text-muted font-sans">{words}</p> })
}

#[component]
fn LogFoot(tally: RwSignal<Tally>, #[prop(into)] exit_code: Signal<Option<i64>>) -> impl IntoView {
    let kept = move || {
        let tally = tally.get();
        let lines = tally.stdout + tally.stderr;
        let end = if tally.complete { "complete" } else { "so far" };
        format!("{lines} {}, {}, {end}", if lines == 1 { "line" } else { "lines" }, bytes(tally.bytes))
    };
    let cap = move || {
        let tally = tally.get();
        match (tally.capped, tally.dropped) {
            (false, _) => format!("Kept: up to {} or {OUTPUT_CAP_LINES} lines a run", bytes(OUTPUT_CAP_BYTES)),
            (true, 0) => line::cap_sentence(),
            (true, lines) => format!("{} {lines} so far.", line::cap_sentence()),
        }
    };
    view! {
        <div class="log-foot">
            <span>{kept}</span>
            <span>{cap}</span>
            <span class="hide-small">"Times are UTC; stderr is marked red"</span>
            {move || {
                exit_code
                    .get()
                    .map(|code| {
                        let state = if code == 0 { "ready" } else { "failed" };
                        view! {
                            <span class="ms-auto">
                                "exit code " <b class="state-text" data-state=state>
                                    {code}
                                </b>
                            </span>
                        }
                    })
            }}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use domain::timestamp::Timestamp;

    use super::*;

    fn output(from: u64, to: u64, complete: bool) -> RunOutput {
        let line = |n| OutputRecord {
            n,
            at: Timestamp::default(),
            entry: OutputEntry::Line {
                stream: if n % 2 == 0 { Stream::Stdout } else { Stream::Stderr },
                text: "abc".into(),
            },
        };
        RunOutput { records: (from..to).map(line).collect(), next: to, complete }
    }

    #[test]
    fn repeats_after_a_reconnect_are_dropped() {
        let mut tally = Tally::default();
        assert_eq!(tally.take(output(0, 4, false)).len(), 4);
        assert_eq!(tally.take(output(2, 6, false)).iter().map(|r| r.n).collect::<Vec<_>>(), [4, 5]);
        assert!(tally.take(output(6, 6, true)).is_empty());
        assert_eq!((tally.next, tally.stdout, tally.stderr, tally.bytes), (6, 3, 3, 24));
        assert_eq!((tally.first_error, tally.complete), (Some(2), true));
    }
}
