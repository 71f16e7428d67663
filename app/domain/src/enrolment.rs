//! Bringing machines in: which script, what a person pastes, and tokens for images.

use serde::{Deserialize, Serialize};

use crate::{
    fault::{Fault, FaultKind},
    guest_agent::EnrolmentOffer,
    ids::ImageTokenId,
    name::VmName,
    timestamp::Timestamp,
};

/// Most machines that one image token lets in.
pub const IMAGE_USES_MOST: u32 = 10_000;
/// Longest life of an image token, in days.
pub const IMAGE_DAYS_MOST: u32 = 365;

/// The scripts that the server writes: one for each way of putting an agent on a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EnrolScript {
    /// The Azure Linux Agent of Debian.
    Debian,
    /// Of Ubuntu.
    Ubuntu,
    /// Of RHEL and what is built from it, and of Fedora.
    Rhel,
    /// Of SUSE Linux Enterprise and openSUSE.
    Suse,
    /// Of Azure Linux.
    AzureLinux,
    /// `annex-agent` as a service, no other agent.
    AnnexAgent,
    /// `annex-agent` without a service: containers, WSL, systems without systemd.
    Foreground,
}

impl EnrolScript {
    /// All scripts.
    pub const ALL: [Self; 7] =
        [Self::Debian, Self::Ubuntu, Self::Rhel, Self::Suse, Self::AzureLinux, Self::AnnexAgent, Self::Foreground];
    /// Those with the Azure Linux Agent, one for each family of distributions.
    pub const FAMILIES: [Self; 5] = [Self::Debian, Self::Ubuntu, Self::Rhel, Self::Suse, Self::AzureLinux];

    /// The word in an address.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Debian => "debian",
            Self::Ubuntu => "ubuntu",
            Self::Rhel => "rhel",
            Self::Suse => "suse",
            Self::AzureLinux => "azure-linux",
            Self::AnnexAgent => "annex-agent",
            Self::Foreground => "foreground",
        }
    }

    /// Reads [`Self::code`] back.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|script| script.code() == code)
    }

    /// The words on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Debian => "Debian",
            Self::Ubuntu => "Ubuntu",
            Self::Rhel => "RHEL family",
            Self::Suse => "SUSE",
            Self::AzureLinux => "Azure Linux",
            Self::AnnexAgent => "Annex agent only",
            Self::Foreground => "Container, WSL, no systemd",
        }
    }

    /// The Azure Linux Agent speaks for the machine.
    pub fn is_waagent(self) -> bool {
        Self::FAMILIES.contains(&self)
    }

    /// Where everybody can fetch it, below the server's address. No token is in it.
    pub fn path(self) -> String {
        format!("/annex/agent/v1/enrol/{}.sh", self.code())
    }

    /// What a person pastes into a shell of the machine: fetch the script, run it. `again`: the machine may hold
    /// a credential that this one replaces.
    pub fn command(self, offer: &EnrolmentOffer, again: bool) -> String {
        let (ca, flag) = authority(offer);
        let url = quoted(&format!("{}{}", offer.server_url, self.path()));
        let again = if again { "ANNEX_ENROL_AGAIN=1 " } else { "" };
        let token = &offer.token;
        let run = match self {
            Self::Foreground => format!("{again}ANNEX_AGENT_TOKEN={token} sh annex-enrol.sh\nannex-agent run"),
            _ => {
                let kept = if again.is_empty() { "" } else { ",ANNEX_ENROL_AGAIN" };
                format!(
                    "{again}ANNEX_AGENT_TOKEN={token} sudo --preserve-env=ANNEX_AGENT_TOKEN{kept} sh annex-enrol.sh"
                )
            }
        };
        format!("{ca}curl -fsS {flag}-o annex-enrol.sh {url}\n{run}")
    }

    /// What takes everything away again that the script added, but the distribution's package.
    pub const fn uninstall(self) -> &'static str {
        match self {
            Self::Foreground => "annex-agent uninstall --forget\nrm /usr/local/bin/annex-agent",
            _ => "sudo annex-agent uninstall --forget\nsudo rm /usr/local/bin/annex-agent",
        }
    }
}

/// What a person pastes into a shell of the machine that an image is to be taken of. `annex-agent` is on it already.
pub fn generalise_command(offer: &EnrolmentOffer) -> String {
    let (ca, flag) = authority(offer);
    let flag = if flag.is_empty() { "" } else { "--ca annex-ca.pem " };
    let url = quoted(&offer.server_url);
    format!(
        "{ca}ANNEX_AGENT_TOKEN={} sudo --preserve-env=ANNEX_AGENT_TOKEN annex-agent generalise {flag}--server {url}",
        offer.token
    )
}

/// The private authority as a file, and curl's flag for it.
fn authority(offer: &EnrolmentOffer) -> (String, &'static str) {
    match &offer.authority {
        Some(pem) => (format!("cat >annex-ca.pem <<'END'\n{}\nEND\n", pem.trim()), "--cacert annex-ca.pem "),
        None => (String::new(), ""),
    }
}

/// One word of a shell command.
pub fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-=:,+@".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// What an image token is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageTokenOrder {
    /// Goes before the host name of each machine; may be empty.
    pub name_prefix: String,
    /// How many machines it lets in.
    pub uses: u32,
    /// For how many days.
    pub days: u32,
}

impl ImageTokenOrder {
    /// Can there be such a token?
    ///
    /// Errors: `InvalidParameter` at the field.
    pub fn check(&self) -> Result<(), Fault> {
        if !(1..=IMAGE_USES_MOST).contains(&self.uses) {
            return Err(Fault::invalid("uses", format!("An image token lets 1 to {IMAGE_USES_MOST} machines in.")));
        }
        if !(1..=IMAGE_DAYS_MOST).contains(&self.days) {
            return Err(Fault::invalid("days", format!("An image token lives 1 to {IMAGE_DAYS_MOST} days.")));
        }
        let prefix = self.name_prefix.trim();
        if !prefix.is_empty() && (prefix.len() > 40 || format!("{prefix}1").parse::<VmName>().is_err()) {
            let message = "A prefix begins with a letter or digit, has letters, digits, hyphens, underscores and dots, and at most 40 of them.";
            return Err(Fault::invalid("name_prefix", message));
        }
        Ok(())
    }
}

/// A token that is kept in an image and lets every copy in. The server keeps only its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageToken {
    /// Its id.
    pub id: ImageTokenId,
    /// Goes before the host name of each machine.
    pub name_prefix: String,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Until when it works.
    pub expires_at: Timestamp,
    /// How many machines it lets in.
    pub uses_allowed: u32,
    /// How many have come.
    pub uses: u32,
    /// When somebody took it back.
    pub revoked_at: Option<Timestamp>,
}

impl ImageToken {
    /// How many machines it still lets in.
    pub const fn uses_left(&self) -> u32 {
        self.uses_allowed.saturating_sub(self.uses)
    }

    /// Does it let another machine in?
    ///
    /// Errors: `InvalidToken` with the reason, for people who may see the token.
    pub fn usable(&self, now: Timestamp) -> Result<(), Fault> {
        let why = match self {
            Self { revoked_at: Some(_), .. } => "It was revoked.",
            Self { expires_at, .. } if *expires_at <= now => "It has expired.",
            _ if self.uses_left() == 0 => "It is used up.",
            _ => return Ok(()),
        };
        Err(Fault::new(FaultKind::Forbidden, "InvalidToken", why))
    }

    /// May it be revoked?
    ///
    /// Errors: `OperationNotAllowed`: it does not work any more.
    pub fn revocable(&self, now: Timestamp) -> Result<(), Fault> {
        self.usable(now).map_err(|fault| Fault::not_allowed(format!("{} There is nothing to revoke.", fault.message)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(authority: Option<&str>) -> EnrolmentOffer {
        EnrolmentOffer {
            token: "annex-enrol-abc".into(),
            machine: None,
            made_at: Timestamp::default(),
            expires_at: Timestamp::default(),
            server_url: "https://portal.test:8443".into(),
            authority: authority.map(str::to_owned),
        }
    }

    #[test]
    fn the_token_is_in_the_environment_and_in_no_argument() {
        for script in EnrolScript::ALL {
            assert_eq!(EnrolScript::parse(script.code()), Some(script));
            let text = script.command(&offer(None), true);
            let line = text.lines().find(|line| line.contains("annex-enrol-abc")).unwrap();
            let before_program = line.split(" sh ").next().unwrap().split(" sudo ").next().unwrap();
            assert!(before_program.contains("ANNEX_AGENT_TOKEN=annex-enrol-abc"), "{line}");
            assert_eq!(text.matches("annex-enrol-abc").count(), 1);
        }
        let text = EnrolScript::Debian.command(&offer(Some("PEM\n")), false);
        assert!(text.starts_with("cat >annex-ca.pem <<'END'\nPEM\nEND\ncurl -fsS --cacert annex-ca.pem "), "{text}");
        assert!(
            generalise_command(&offer(Some("PEM"))).ends_with("--ca annex-ca.pem --server https://portal.test:8443")
        );
        assert_eq!(quoted("it's; rm"), "'it'\\''s; rm'");
    }

    #[test]
    fn image_tokens_have_limits() {
        let order = |prefix: &str, uses, days| ImageTokenOrder { name_prefix: prefix.into(), uses, days };
        assert_eq!(order("", 1, 1).check(), Ok(()));
        assert_eq!(order("web-", IMAGE_USES_MOST, IMAGE_DAYS_MOST).check(), Ok(()));
        for (wrong, field) in [
            (order("", 0, 1), "uses"),
            (order("", IMAGE_USES_MOST + 1, 1), "uses"),
            (order("", 1, 0), "days"),
            (order("", 1, IMAGE_DAYS_MOST + 1), "days"),
            (order("-web", 1, 1), "name_prefix"),
            (order("a b", 1, 1), "name_prefix"),
        ] {
            assert_eq!(wrong.check().unwrap_err().target.as_deref(), Some(field));
        }
    }

    #[test]
    fn a_token_works_until_used_up_expired_or_revoked() {
        let now = Timestamp::from_millis(10);
        let token = ImageToken {
            id: ImageTokenId::new(uuid::Uuid::nil()),
            name_prefix: String::new(),
            created_by: "ana".into(),
            created_at: Timestamp::default(),
            expires_at: Timestamp::from_millis(11),
            uses_allowed: 2,
            uses: 1,
            revoked_at: None,
        };
        assert_eq!(token.usable(now), Ok(()));
        assert_eq!(token.revocable(now), Ok(()));
        for over in [
            ImageToken { uses: 2, ..token.clone() },
            ImageToken { expires_at: now, ..token.clone() },
            ImageToken { revoked_at: Some(now), ..token },
        ] {
            assert_eq!(over.usable(now).unwrap_err().code, "InvalidToken");
            assert!(over.revocable(now).is_err());
        }
    }
}
