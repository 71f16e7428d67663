//! Bringing a package: which version is meant, download, check, unpack. Retried with growing pauses, and given up at
//! once when a newer goal state comes.

use std::io;
use std::time::Instant;

use agent_protocol::{StepName, StepPhase};

use super::process::{Superseded, Work};
use crate::handler::package::place;
use crate::handler::plan::{End, Step, after, retarget};
use crate::handler::record::Record;
use crate::handler::source::SourceError;
use crate::handler::{Failure, Version, WantedHandler};

impl Work<'_> {
    /// Takes the fetch step. The inner error is one of the agent's own.
    ///
    /// # Errors
    /// A newer goal state came.
    pub async fn fetch(&self, handler: &WantedHandler, record: &Record) -> Result<io::Result<()>, Superseded> {
        let version = match self.retried(record, || self.shared.source.resolve(handler)).await? {
            Ok(version) => version,
            Err(error) => {
                let failure = Failure::from(error);
                let begun = self.started(record, StepName::Downloaded);
                self.ended(record, StepName::Downloaded, StepPhase::Failed, begun, Some(failure.message.clone()));
                return Ok(self.fetched(handler, record, &handler.version, Err(failure)));
            }
        };
        if record.target.as_ref() != Some(&version) {
            // The version was asked for by a prefix; what is there already may be what is meant.
            let retargeted = self.shared.store.update(&handler.name, |record| {
                retarget(record, &version);
                record.versions.contains_key(&version)
            });
            match retargeted {
                Ok(false) => {}
                Ok(true) => return Ok(Ok(())),
                Err(error) => return Ok(Err(error)),
            }
        }
        let end = self.bring(handler, record, &version).await?;
        Ok(self.fetched(handler, record, &version, end))
    }

    async fn bring(
        &self,
        handler: &WantedHandler,
        record: &Record,
        version: &Version,
    ) -> Result<Result<crate::handler::record::Traits, Failure>, Superseded> {
        let package = self.shared.places.packages().join(format!("{}-{version}.zip", handler.name));
        let begun = self.started(record, StepName::Downloaded);
        let source = &self.shared.source;
        let bytes = match self.retried(record, || source.download(handler, version, &package)).await? {
            Ok(bytes) => bytes,
            Err(error) => {
                let failure = Failure::from(error);
                self.ended(record, StepName::Downloaded, StepPhase::Failed, begun, Some(failure.message.clone()));
                return Ok(Err(failure));
            }
        };
        self.ended(record, StepName::Downloaded, StepPhase::Done, begun, Some(size(bytes)));

        let begun = self.started(record, StepName::Verified);
        let checked = match source.verify(handler, version, &package).await {
            Err(error) => Err(Failure::from(error)),
            Ok(()) => {
                let (places, name) = (self.shared.places.clone(), handler.name.clone());
                let (version, package) = (version.clone(), package.clone());
                let unpacked = tokio::task::spawn_blocking(move || place(&places, &name, &version, &package)).await;
                unpacked.unwrap_or_else(|error| {
                    Err(Failure::new(crate::handler::codes::EXTRACTION, format!("unpacking was aborted: {error}")))
                })
            }
        };
        if let Err(error) = std::fs::remove_file(&package) {
            tracing::warn!(%error, package = %package.display(), "a used package can not be deleted");
        }
        match &checked {
            Ok(_) => self.ended(record, StepName::Verified, StepPhase::Done, begun, None),
            Err(failure) => {
                self.ended(record, StepName::Verified, StepPhase::Failed, begun, Some(failure.message.clone()));
            }
        }
        Ok(checked)
    }

    fn fetched(
        &self,
        handler: &WantedHandler,
        record: &Record,
        version: &Version,
        result: Result<crate::handler::record::Traits, Failure>,
    ) -> io::Result<()> {
        let step = Step::Fetch { version: version.clone() };
        if let Ok(traits) = &result {
            let home = self.shared.places.home(&record.handler, version);
            super::instance_files::write_all_settings(handler, &home)?;
            if handler.multi && !traits.multi {
                let message = format!(
                    "the settings of {} are named, but its manifest does not say supportsMultipleExtensions",
                    handler.name
                );
                let end = End::Failed(Failure::new(crate::handler::codes::UNKNOWN, message));
                return self.shared.store.update(&handler.name, |record| after(record, &step, &end));
            }
        }
        let end = result.map_or_else(End::Failed, End::Fetched);
        self.shared.store.update(&handler.name, |record| after(record, &step, &end))
    }

    /// Tries, and tries again after each pause while that may help.
    async fn retried<T, F: Future<Output = Result<T, SourceError>>>(
        &self,
        record: &Record,
        attempt: impl Fn() -> F,
    ) -> Result<Result<T, SourceError>, Superseded> {
        let mut pauses = self.shared.options.limits.fetch_pauses.iter();
        loop {
            let error = match self.unless_superseded(attempt()).await? {
                Err(error) if error.is_transient() => error,
                result => return Ok(result),
            };
            let Some(pause) = pauses.next() else { return Ok(Err(error)) };
            self.note(record, &format!("{error}; trying again in {} s", pause.as_secs_f32()));
            self.unless_superseded(tokio::time::sleep(*pause)).await?;
        }
    }

    async fn unless_superseded<T>(&self, future: impl Future<Output = T>) -> Result<T, Superseded> {
        let mut target = self.target.clone();
        tokio::select! {
            result = future => Ok(result),
            _ = target.changed() => Err(Superseded),
        }
    }

    fn started(&self, record: &Record, step: StepName) -> Instant {
        self.shared.record_step(record, None, |run| run.started(step));
        Instant::now()
    }

    fn ended(&self, record: &Record, step: StepName, phase: StepPhase, begun: Instant, detail: Option<String>) {
        self.shared.record_step(record, None, |run| run.ended(step, phase, begun.elapsed(), detail.clone()));
    }

    fn note(&self, record: &Record, text: &str) {
        self.shared.record_step(record, None, |run| run.note(text));
    }
}

fn size(bytes: u64) -> String {
    if bytes < 1024 { format!("{bytes} B") } else { format!("{} KB", bytes.div_ceil(1024)) }
}
