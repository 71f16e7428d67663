//! Addresses without regard to case (arm-api, section 0.6).
//!
//! ```text
//! /subscriptions/S/resourcegroups/Lab/providers/microsoft.compute/VIRTUALMACHINES/vm-1/start
//!  word          name word         name word     name of a provider word           name word
//! ```
//! Words and names take turns, so a word is never taken for somebody's name: words (and the names that belong to the
//! service itself) become what the route templates have, and names stay as they were written.

/// Every word of an address, as the route templates write it.
const WORDS: &[&str] = &[
    "artifacttypes",
    "deallocate",
    "extensions",
    "instanceView",
    "locations",
    "Microsoft.Authorization",
    "Microsoft.Compute",
    "Microsoft.Network",
    "Microsoft.Resources",
    "networkInterfaces",
    "operations",
    "powerOff",
    "providers",
    "publicIPAddresses",
    "publishers",
    "reapply",
    "redeploy",
    "register",
    "resourceGroups",
    "resources",
    "restart",
    "roleAssignments",
    "roleDefinitions",
    "runCommand",
    "runCommands",
    "start",
    "subscriptions",
    "tagNames",
    "tenants",
    "types",
    "versions",
    "virtualMachines",
    "vmextension",
    "vmSizes",
];

/// First words of ARM's addresses.
const ROOTS: [&str; 3] = ["subscriptions", "tenants", "providers"];

/// Is this an address of the ARM API?
#[must_use]
pub fn is_arm(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    ROOTS.iter().any(|root| root.eq_ignore_ascii_case(first))
}

/// The address as the router knows it; `None` when it is that already, or none of ARM's.
#[must_use]
pub fn canonical(path: &str) -> Option<String> {
    if !is_arm(path) {
        return None;
    }
    let mut canonical = String::with_capacity(path.len());
    let mut service_name_follows = false;
    for (place, part) in path.split('/').filter(|part| !part.is_empty()).enumerate() {
        let is_word = place % 2 == 0 || service_name_follows;
        let known = WORDS.iter().find(|word| is_word && word.eq_ignore_ascii_case(part));
        let part = known.copied().unwrap_or(part);
        service_name_follows = place % 2 == 0 && matches!(part, "providers" | "artifacttypes");
        canonical.push('/');
        canonical.push_str(part);
    }
    (canonical != path).then_some(canonical)
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn words_lose_their_case_and_names_keep_it() {
        for (path, expected) in [
            (
                "/Subscriptions/S/RESOURCEGROUPS/Start/Providers/microsoft.compute/virtualmachines/Extensions/START",
                Some(
                    "/subscriptions/S/resourceGroups/Start/providers/Microsoft.Compute/virtualMachines/Extensions/start",
                ),
            ),
            (
                "/subscriptions/S/providers/Microsoft.Compute/locations/Annex/publishers/P/artifactTypes/VMExtension/types/T/versions/",
                Some(
                    "/subscriptions/S/providers/Microsoft.Compute/locations/Annex/publishers/P/artifacttypes/vmextension/types/T/versions",
                ),
            ),
            ("/subscriptions/S/resourceGroups/g", None),
            ("/vms/START", None),
        ] {
            assert_eq!(canonical(path).as_deref(), expected, "{path}");
        }
    }
}
