//! Real agents on machines of their own: the unmodified Azure Linux Agent behind the relay, in three versions that Debian
//! packages, and the native agent. One table of scenarios, so that all of them keep one contract.
//!
//! The machines are namespaces with an overlay of this host's root; nothing they do reaches the host. They need root.

mod copies;
mod enrolled;
mod failures;
mod fleet;
mod interruptions;
mod life;
mod machine;
mod measure;
mod probe;
mod rig;
mod strangers;

use self::rig::{Agent, possible};

/// Debian 12's own version, Debian 13's, and the newest in Debian; all of them run with this Python.
const OLD: Agent = Agent::Waagent("2.7.3.0-4.1");
const MIDDLE: Agent = Agent::Waagent("2.12.0.2-3");
const NEW: Agent = Agent::Waagent("2.16.0.2-2");

/// Each scenario with each agent, as a test of its own.
macro_rules! scenarios {
    ($($module:ident::$scenario:ident),* $(,)?) => { $(
        mod $scenario {
            use super::{Agent, MIDDLE, NEW, OLD, possible};

            async fn with(agent: Agent) {
                if possible(agent) {
                    super::$module::$scenario(agent).await;
                }
            }

            #[tokio::test]
            async fn annex_agent() {
                with(Agent::Native).await;
            }

            #[tokio::test]
            async fn waagent_2_7() {
                with(OLD).await;
            }

            #[tokio::test]
            async fn waagent_2_12() {
                with(MIDDLE).await;
            }

            #[tokio::test]
            async fn waagent_2_16() {
                with(NEW).await;
            }
        }
    )* };
}

scenarios! {
    failures::time_out,
    fleet::twenty_machines,
    interruptions::network_cut,
    copies::copied_machine,
    enrolled::generated_script,
    life::history,
    life::whole_life,
    life::several_configurations,
    life::dependencies,
    failures::failing_commands,
    failures::odd_reports,
    failures::heartbeat,
    interruptions::portal_restarts,
    interruptions::agent_restarts,
    interruptions::machine_reboots,
    interruptions::boots_without_portal,
    interruptions::certificates_rotate,
}
