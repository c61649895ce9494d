//! Gatekeeper's side of external data: what it sends to a Provider, and what
//! it makes of the answer.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use podroute_policy_tests::files;
use podroute_policy_tests::podroute::{Podroute, client};
use podroute_policy_tests::rego::ExternalData;
use reqwest::tls::Version;
use serde_json::{Value, json};

/// A Provider, as deployed but for the address and the CA.
#[derive(Clone)]
pub(crate) struct Provider {
    name: String,
    timeout: Duration,
    pub(crate) url: String,
    pub(crate) ca_bundle: String,
}

impl Provider {
    pub(crate) fn deployed(podroute: &Podroute) -> Self {
        let provider = files::document("gatekeeper/provider.yaml");
        let url = provider["spec"]["url"].as_str().unwrap();
        let (_, path) = url.split_once(".svc").unwrap();
        Self {
            name: provider["metadata"]["name"].as_str().unwrap().to_owned(),
            timeout: Duration::from_secs(provider["spec"]["timeout"].as_u64().unwrap()),
            url: podroute.url(path),
            ca_bundle: STANDARD.encode(podroute.ca()),
        }
    }

    /// The built-in function that Rego calls.
    pub(crate) fn external_data(&self) -> ExternalData {
        let provider = self.clone();
        Arc::new(move |request| {
            assert_eq!(request["provider"], provider.name);
            provider.ask(&request["keys"]).unwrap_or_else(|error| {
                // Gatekeeper leaves responses and errors null then.
                json!({"responses": null, "errors": null, "status_code": 500, "system_error": error})
            })
        })
    }

    fn ask(&self, keys: &Value) -> Result<Value, String> {
        let ca = STANDARD
            .decode(&self.ca_bundle)
            .map_err(|error| error.to_string())?;
        let ca = String::from_utf8(ca).map_err(|error| error.to_string())?;
        let response = client(&ca, Version::TLS_1_3, self.timeout)?
            .post(&self.url)
            .json(&json!({
                "apiVersion": "externaldata.gatekeeper.sh/v1beta1",
                "kind": "ProviderRequest",
                "request": {"keys": keys},
            }))
            .send()
            .map_err(|error| format!("failed to send external data request: {error}"))?;
        let status = response.status().as_u16();
        // Whatever JSON object it is, Go reads what it knows of it.
        let answer: Value = response
            .json()
            .map_err(|error| format!("failed to unmarshal external data response: {error}"))?;
        let items = answer["response"]["items"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let (errors, responses): (Vec<&Value>, Vec<&Value>) =
            items.iter().partition(|item| !error_of(item).is_empty());
        Ok(json!({
            "responses": responses.iter().map(|item| json!([item["key"], item["value"]])).collect::<Vec<_>>(),
            "errors": errors.iter().map(|item| json!([item["key"], error_of(item)])).collect::<Vec<_>>(),
            "status_code": status,
            "system_error": answer["response"]["systemError"].as_str().unwrap_or_default(),
        }))
    }
}

fn error_of(item: &Value) -> &str {
    item["error"].as_str().unwrap_or_default()
}
