//! How one machine's run ended: exit code and both streams, as its status reported them.

use domain::operation::TargetView;
use leptos::prelude::*;

use super::states::TargetChip;

/// The result of a run that has ended and reported output; nothing otherwise.
#[component]
pub fn RunResult(
    /// The machine's part.
    view: TargetView,
) -> impl IntoView {
    let nothing = view.stdout.is_none() && view.stderr.is_none() && view.target.exit_code.is_none();
    (!view.target.state.is_open() && !nothing).then(|| {
        let state = view.target.state;
        let code = view.target.exit_code;
        view! {
            <section class="card" aria-labelledby="result-heading">
                <div class="card-head">
                    <h2 id="result-heading">
                        "Result" <span class="count">{format!("as {} reported it", view.vm_name)}</span>
                    </h2>
                    <TargetChip state />
                    {code
                        .map(|code| {
                            let look = if code == 0 { "ready" } else { "failed" };
                            view! {
                                <span class="text-table">
                                    "Exit code " <b class="state-text" data-state=look>
                                        {code}
                                    </b>
                                </span>
                            }
                        })}
                </div>
                <div class="card-body grid lg:grid-cols-2 gap-4">
                    <StreamText title="Standard output" text=view.stdout />
                    <StreamText title="Standard error" text=view.stderr />
                </div>
            </section>
        }
    })
}

#[component]
fn StreamText(title: &'static str, text: Option<String>) -> impl IntoView {
    let text = text.filter(|t| !t.trim().is_empty());
    view! {
        <div class="min-w-0 grid gap-1.5 content-start">
            <h3 class="text-table">{title}</h3>
            {match text {
                Some(text) => {
                    view! {
                        <div class="code-block">
                            <pre tabindex="0" aria-label=title class="max-h-80 overflow-auto">
                                {text}
                            </pre>
                        </div>
                    }
                        .into_any()
                }
                None => view! { <p class="hint">"Nothing was written."</p> }.into_any(),
            }}
        </div>
    }
}
