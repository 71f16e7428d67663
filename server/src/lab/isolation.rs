//! What the host permits, found out by starting a machine that ends at once, with each method in turn.

use std::{fs, path::Path};

use rustix::process::{geteuid, getpid};

use super::{
    LabError,
    folders::{LabFolders, make_private},
    machine::{boot::boot, erase::remove},
    method::Method,
    process::{MachineSpec, Purpose, remove_cgroup},
};

/// The outcome.
#[derive(Clone, Debug)]
pub(super) struct Verdict {
    /// The best method that works; `None`: machines cannot be isolated here.
    pub method: Option<Method>,
    /// In words, for the owner.
    pub explanation: String,
}

/// Tries, in a folder that is gone afterwards.
pub(super) async fn probe(folders: &LabFolders, program: &Path) -> Verdict {
    let folder = folders.trial();
    let root = geteuid().is_root();
    let mut troubles = Vec::new();
    for method in Method::candidates(root).iter().copied() {
        let spec = MachineSpec {
            id: format!("probe-{}", getpid().as_raw_pid()),
            host_name: "probe".to_owned(),
            method,
            outside_network: false,
            folder: folder.clone(),
            portal: folders.portal.clone(),
            agent: program.to_owned(),
            hide: vec![folders.data.clone()],
            enrolment_token: None,
            purpose: Purpose::Probe,
        };
        let tried = match make_private(&folder) {
            Ok(()) => boot(program, &spec).await.map_err(|e| match e {
                LabError::Boot(trouble) => trouble,
                other => other.to_string(),
            }),
            Err(e) => Err(e.to_string()),
        };
        if let Err(trouble) = remove(program, method, folder.clone()).await {
            tracing::debug!(%trouble, "a trial leaves files behind");
        }
        remove_cgroup(&spec.id);
        match tried {
            Ok(()) => return Verdict { method: Some(method), explanation: permitted(method, &troubles) },
            Err(trouble) => {
                tracing::debug!(?method, %trouble, "this way to isolate lab machines does not work here");
                troubles.push(trouble);
            }
        }
    }
    Verdict { method: None, explanation: refused(root, &troubles) }
}

fn permitted(method: Method, troubles: &[String]) -> String {
    match method {
        Method::Overlay => {
            "Lab machines are isolated in namespaces, each on an overlay of this host's file system. Scripts \
            in them may change everything they see; the host does not notice."
                .to_owned()
        }
        Method::Copies => format!(
            "Lab machines are isolated in namespaces with private copies of /etc, /var, /home and /root. An overlay of the \
             whole file system is not possible here ({}).",
            troubles.first().map_or("unknown reason", String::as_str)
        ),
        Method::UserRange => {
            "Lab machines are isolated in user namespaces with ids of their own and private copies of /etc, \
            /var, /home and /root. They cannot install system packages; run the portal as root for that."
                .to_owned()
        }
        Method::UserSingle | Method::Bare => {
            "Lab machines are isolated in user namespaces in which only root exists, with \
            private copies of /etc, /var, /home and /root. Scripts there can add users but not act as them; a range in \
            /etc/subuid and the uidmap package, or running the portal as root, lift that."
                .to_owned()
        }
    }
}

fn refused(root: bool, troubles: &[String]) -> String {
    let why = troubles.last().map_or("unknown reason", String::as_str).trim_end_matches('.');
    let advice = switches()
        .or_else(|| root.then(|| "In a container, give it the right to mount (CAP_SYS_ADMIN).".to_owned()))
        .unwrap_or_else(|| {
            "Ask the host's administrator to permit user namespaces, or run the portal as root.".to_owned()
        });
    format!(
        "This host does not let the portal isolate lab machines ({why}). {advice} Until then lab machines start only if \
         you accept that their scripts run with the rights of the portal's own user."
    )
}

/// Switches of the kernel and of distributions that forbid user namespaces.
fn switches() -> Option<String> {
    let forbidding = [
        ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),
        ("kernel.unprivileged_userns_clone", "0", "1"),
        ("user.max_user_namespaces", "0", "15000"),
    ];
    let set = |name: &str, value: &str| {
        let path = Path::new("/proc/sys").join(name.replace('.', "/"));
        fs::read_to_string(path).is_ok_and(|text| text.trim() == value)
    };
    let (name, _, better) = forbidding.into_iter().find(|(name, value, _)| set(name, value))?;
    Some(format!("Its setting {name} forbids it; `sysctl -w {name}={better}` as root permits it."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_why_and_what_to_do() {
        let text = refused(false, &["making a user namespace: denied".to_owned()]);
        assert!(text.contains("denied") && text.contains("you accept"), "{text}");
    }
}
