//! The policy's settings: those of the core, and what an admission policy
//! needs besides.

use podroute_policy::settings::{RawSettings, Settings};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Settings that have been checked.
#[derive(Clone, Debug)]
pub struct PolicySettings {
    pub mode: Mode,
    exempt_namespaces: Vec<String>,
    pub core: Settings,
}

/// What to do about a change that must not be made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Refuse it.
    #[default]
    Enforce,
    /// Let it pass, and warn whoever makes it.
    Warn,
}

/// Settings of the core that say what was listed. Here the policy lists.
const OF_THE_CALLER: [&str; 2] = ["gaps", "listedKinds"];

impl PolicySettings {
    /// Reads settings; the error is for whoever wrote them.
    pub fn read(text: &[u8]) -> Result<Self, String> {
        let fields: Option<Map<String, Value>> = serde_json::from_slice(text)
            .map_err(|error| format!("the settings are not a JSON object: {error}"))?;
        let mut fields = fields.unwrap_or_default();
        let mode = take(&mut fields, "mode")?;
        let exempt_namespaces: Vec<String> = take(&mut fields, "exemptNamespaces")?;
        if let Some(name) = exempt_namespaces.iter().find(|name| !is_namespace(name)) {
            return Err(format!(
                "setting `exemptNamespaces`: `{name}` is not the name of a namespace"
            ));
        }
        if let Some(name) = OF_THE_CALLER
            .iter()
            .find(|name| fields.contains_key(**name))
        {
            return Err(format!(
                "setting `{name}`: the policy lists the cluster itself; leave it out"
            ));
        }
        let raw: RawSettings = serde_json::from_value(Value::Object(fields))
            .map_err(|error| format!("{error}; besides these, `mode` and `exemptNamespaces`"))?;
        let core = Settings::try_from(raw)
            .map_err(|invalid| format!("setting `{}`: {}", invalid.name, invalid.message))?;
        Ok(Self {
            mode,
            exempt_namespaces,
            core,
        })
    }

    /// Whether changes in a namespace are nobody's concern.
    pub fn exempts(&self, namespace: Option<&str>) -> bool {
        let mut exempt = self.exempt_namespaces.iter();
        namespace.is_some_and(|namespace| exempt.any(|one| one == namespace))
    }
}

/// Takes a setting of the policy itself out of the others.
fn take<T: Default + DeserializeOwned>(
    fields: &mut Map<String, Value>,
    name: &str,
) -> Result<T, String> {
    match fields.remove(name) {
        None | Some(Value::Null) => Ok(T::default()),
        Some(value) => {
            serde_json::from_value(value).map_err(|error| format!("setting `{name}`: {error}"))
        }
    }
}

/// Whether this is a label as DNS has them, which is what namespaces are
/// named by.
fn is_namespace(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&name.len())
        && name.bytes().all(fits)
        && !name.starts_with('-')
        && !name.ends_with('-')
}
