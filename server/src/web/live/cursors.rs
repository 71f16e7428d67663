//! Topics of one stream, and how far each output topic has come.

use std::collections::BTreeMap;

use axum::{extract::Query, http::Uri};
use domain::live::Topic;

/// Most topics of one stream.
const MOST: usize = 64;

/// Topics, with the next record of those that are output.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Cursors {
    plain: Vec<Topic>,
    output: BTreeMap<String, (Topic, u64)>,
}

impl Cursors {
    /// Reads `topic=…&topic=…`. Error: a sentence about what is wrong.
    pub(super) fn parse(query: &str) -> Result<Self, String> {
        let mut cursors = Self::default();
        for (name, value) in form_pairs(query) {
            if name != "topic" {
                continue;
            }
            let (topic, next) = value.split_once('@').unwrap_or((&value, "0"));
            let parsed: Topic = topic.parse().map_err(|()| format!("{topic:?} is nothing that can be watched."))?;
            let next: u64 = next.parse().map_err(|_| format!("{next:?} is not the number of a record."))?;
            match parsed {
                Topic::Output(..) => {
                    cursors.output.insert(parsed.to_string(), (parsed, next));
                }
                other if !cursors.plain.contains(&other) => cursors.plain.push(other),
                _ => {}
            }
        }
        match cursors.plain.len() + cursors.output.len() {
            0 => Err("Name at least one topic.".to_owned()),
            n if n > MOST => Err(format!("A stream has at most {MOST} topics; these are {n}.")),
            _ => Ok(cursors),
        }
    }

    /// Goes on where `Last-Event-ID` says, for topics that it names; never backwards.
    pub(super) fn resume(&mut self, last_event_id: &str) {
        for part in last_event_id.split(';') {
            let Some((topic, next)) = part.split_once('@') else { continue };
            if let (Some((_, at)), Ok(next)) = (self.output.get_mut(topic), next.parse::<u64>()) {
                *at = next.max(*at);
            }
        }
    }

    /// All topics.
    pub(super) fn topics(&self) -> Vec<Topic> {
        self.plain.iter().copied().chain(self.output.values().map(|(topic, _)| *topic)).collect()
    }

    /// The next record wanted of an output topic.
    pub(super) fn next(&self, topic: Topic) -> u64 {
        self.output.get(&topic.to_string()).map_or(0, |(_, next)| *next)
    }

    /// An output topic has come this far.
    pub(super) fn advance(&mut self, topic: Topic, next: u64) {
        if let Some((_, at)) = self.output.get_mut(&topic.to_string()) {
            *at = next.max(*at);
        }
    }

    /// Where all output topics stand, as an event id.
    pub(super) fn event_id(&self) -> String {
        self.output.iter().map(|(topic, (_, next))| format!("{topic}@{next}")).collect::<Vec<_>>().join(";")
    }
}

fn form_pairs(query: &str) -> Vec<(String, String)> {
    let uri = format!("/?{query}").parse::<Uri>().ok();
    let pairs = uri.and_then(|uri| Query::<Vec<(String, String)>>::try_from_uri(&uri).ok());
    pairs.map(|Query(pairs)| pairs).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Cursors;

    const RUN: &str = "output:01939e2c-0000-7000-8000-000000000001:01939e2c-0000-7000-8000-000000000002";

    #[test]
    fn a_reconnect_goes_on_where_the_browser_was() {
        let mut cursors = Cursors::parse(&format!("topic=vms&topic={RUN}@5&topic=vms")).expect("topics");
        assert_eq!(cursors.topics().len(), 2);
        assert_eq!(cursors.event_id(), format!("{RUN}@5"));
        cursors.resume(&format!("{RUN}@17;output:x:y@3"));
        assert_eq!(cursors.event_id(), format!("{RUN}@17"));
        cursors.resume(&format!("{RUN}@2"));
        assert_eq!(cursors.event_id(), format!("{RUN}@17"), "never backwards");
    }

    #[test]
    fn nonsense_is_refused_in_words() {
        assert!(Cursors::parse("").is_err());
        assert!(Cursors::parse("topic=weather").expect_err("refused").contains("weather"));
        assert!(Cursors::parse(&format!("topic={RUN}@x")).is_err());
        let many: String = (0..65).map(|n| format!("topic=vm:01939e2c-0000-7000-8000-{n:012}&")).collect();
        assert!(Cursors::parse(&many).is_err());
    }
}
