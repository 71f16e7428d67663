//! A small /dev.

use std::{os::unix::fs::symlink, path::Path};

use rustix::mount::{MountFlags, mount};

use super::{
    super::{
        super::method::Method,
        step::{During, StepError},
    },
    mounting::{bind, make_file, make_folder, tmpfs},
};

/// Devices that no program can do without; they are the host's own, shown again, as nobody may make devices.
const DEVICES: &[&str] = &["full", "null", "random", "tty", "urandom", "zero"];

/// Links that programs expect.
const LINKS: &[(&str, &str)] = &[
    ("fd", "/proc/self/fd"),
    ("ptmx", "pts/ptmx"),
    ("stderr", "/proc/self/fd/2"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
];

/// Mounts it at `dev`.
pub(super) fn make(dev: &Path, method: Method) -> Result<(), StepError> {
    make_folder(dev)?;
    // Not NODEV: the devices shown here keep the flags of their own mount, but links into pts must work as well.
    mount("tmpfs", dev, "tmpfs", MountFlags::NOSUID, c"mode=0755,size=64k").during("mounting /dev")?;
    for name in DEVICES {
        let device = dev.join(name);
        make_file(&device)?;
        bind(&Path::new("/dev").join(name), &device)?;
    }
    for (name, target) in LINKS {
        symlink(target, dev.join(name)).during(format_args!("linking /dev/{name}"))?;
    }
    let pts = dev.join("pts");
    make_folder(&pts)?;
    // Group 5 is tty everywhere; it exists only where more than one id does.
    let options = match method {
        Method::UserSingle => c"newinstance,ptmxmode=0666,mode=0620",
        _ => c"newinstance,ptmxmode=0666,mode=0620,gid=5",
    };
    mount("devpts", &pts, "devpts", MountFlags::NOSUID | MountFlags::NOEXEC, options).during("mounting /dev/pts")?;
    tmpfs(&dev.join("shm"), "1777", "256m")
}
