//! What root in a machine may do: what it may in a container, less devices.
//!
//! Left out above all: mounting (what is hidden would show), devices (the host's disk), opening files by handle (the
//! same), modules, clock, reboot, and lifting limits.

use rustix::{
    process::{Resource, Rlimit, getrlimit, setrlimit},
    thread::{
        CapabilitySet, CapabilitySets, capabilities, remove_capability_from_bounding_set, set_capabilities,
        set_thread_groups,
    },
};

use super::super::{
    cgroup::MOST_PROCESSES,
    spec::MachineSpec,
    step::{During, StepError},
};

const KEPT: CapabilitySet = CapabilitySet::CHOWN
    .union(CapabilitySet::DAC_OVERRIDE)
    .union(CapabilitySet::FOWNER)
    .union(CapabilitySet::FSETID)
    .union(CapabilitySet::KILL)
    .union(CapabilitySet::SETGID)
    .union(CapabilitySet::SETUID)
    .union(CapabilitySet::SETPCAP)
    .union(CapabilitySet::SETFCAP)
    .union(CapabilitySet::NET_BIND_SERVICE)
    .union(CapabilitySet::NET_RAW)
    .union(CapabilitySet::IPC_LOCK)
    .union(CapabilitySet::SYS_CHROOT)
    .union(CapabilitySet::SYS_PTRACE)
    .union(CapabilitySet::SYS_NICE)
    .union(CapabilitySet::AUDIT_WRITE);

/// Drops everything else, for good.
pub(super) fn reduce(spec: &MachineSpec) -> Result<(), StepError> {
    limit(Resource::Core, 0, 0)?;
    // The server raised its own; in machines it is as programs expect it.
    limit(Resource::Nofile, 1024, 65_536)?;
    limit(Resource::Nproc, MOST_PROCESSES, MOST_PROCESSES)?;
    // In a container the server itself may lack some of these.
    let own = capabilities(None).during("reading rights")?;
    let mut kept = KEPT;
    // An own network may be arranged and listened to at will; the host's may not.
    kept.set(CapabilitySet::NET_ADMIN | CapabilitySet::NET_RAW, !spec.outside_network);
    // Groups of the server's user are none of the machine's. Where only one id exists they cannot be left, nor used.
    let _ = set_thread_groups(&[]);
    for bit in 0..64 {
        let one = CapabilitySet::from_bits_retain(1 << bit);
        if !kept.contains(one) {
            // Numbers that this kernel does not know are refused, which is as good.
            let _ = remove_capability_from_bounding_set(one);
        }
    }
    kept &= own.permitted;
    let sets = CapabilitySets { effective: kept, permitted: kept, inheritable: CapabilitySet::empty() };
    set_capabilities(None, sets).during("dropping rights")
}

/// Lowers a limit and how far it may be raised; never raises one.
fn limit(resource: Resource, current: u64, maximum: u64) -> Result<(), StepError> {
    let old = getrlimit(resource);
    let lower = |value: Option<u64>, most| Some(value.map_or(most, |value: u64| value.min(most)));
    let new = Rlimit { current: lower(old.current, current), maximum: lower(old.maximum, maximum) };
    setrlimit(resource, new).during("setting limits")
}
