//! GatewayClass: which controller a Gateway belongs to.

use serde::Deserialize;

use super::metadata::{Metadata, WireMetadata};
use super::text::Text;

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct GatewayClass {
    pub metadata: Metadata,
    /// spec.controllerName (Gateway API) or spec.controller (services API).
    pub controller: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WireGatewayClass<'a> {
    #[serde(borrow)]
    metadata: WireMetadata<'a>,
    #[serde(borrow)]
    spec: WireSpec<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireSpec<'a> {
    #[serde(borrow)]
    controller_name: Option<Text<'a>>,
    #[serde(borrow)]
    controller: Option<Text<'a>>,
}

impl From<WireGatewayClass<'_>> for GatewayClass {
    fn from(wire: WireGatewayClass<'_>) -> Self {
        Self {
            metadata: wire.metadata.into(),
            controller: wire
                .spec
                .controller_name
                .or(wire.spec.controller)
                .map(Text::into_owned)
                .unwrap_or_default(),
        }
    }
}
