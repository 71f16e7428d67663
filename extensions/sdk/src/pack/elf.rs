//! Which processor a program is made for, from its ELF header.

/// The name of the architecture as machines report it; `None` for anything but an ELF program of a known kind.
pub(super) fn architecture(program: &[u8]) -> Option<&'static str> {
    if program.get(..4)? != b"\x7fELF" {
        return None;
    }
    let field = <[u8; 2]>::try_from(program.get(18..20)?).ok()?;
    let big_endian = *program.get(5)? == 2;
    let machine = if big_endian { u16::from_be_bytes(field) } else { u16::from_le_bytes(field) };
    Some(match machine {
        3 => "x86",
        22 => "s390x",
        21 => "powerpc64",
        40 => "arm",
        62 => "x86_64",
        183 => "aarch64",
        243 => "riscv64",
        258 => "loongarch64",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::architecture;

    #[test]
    fn knows_the_program_that_runs_this_test() {
        let program = std::fs::read("/proc/self/exe").unwrap();
        assert_eq!(architecture(&program), Some(std::env::consts::ARCH));
        assert_eq!(architecture(b"#!/bin/sh"), None);
        assert_eq!(architecture(b""), None);
    }
}
