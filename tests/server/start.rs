//! What a server needs before it is started.

use std::fs;
use std::net::TcpListener;

use tempfile::TempDir;

use crate::daemon::{SelfSigned, TOKEN, open, options};

struct Files {
    _folder: TempDir,
    certificate: String,
    key: String,
    token: String,
}

impl Files {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        SelfSigned::new().write(folder.path());
        fs::write(folder.path().join("token"), TOKEN).unwrap();
        let path = |name| folder.path().join(name).to_str().unwrap().to_owned();
        Self {
            certificate: path("tls.crt"),
            key: path("tls.key"),
            token: path("token"),
            _folder: folder,
        }
    }
}

fn refusal(arguments: &[&str]) -> String {
    open(arguments).map(drop).unwrap_err().to_string()
}

#[test]
fn other_machines_are_served_with_tls_and_a_token_only() {
    let files = Files::new();
    let tls = ["--tls-cert", &files.certificate, "--tls-key", &files.key];
    let token = ["--token-file", &files.token];
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let listen = ["--listen", address];
        let beginning = format!("--listen {address} is reached from other machines");
        for (given, missing) in [
            (vec![], "give --tls-cert and --tls-key and --token-file too"),
            (tls.to_vec(), "give --token-file too"),
            (token.to_vec(), "give --tls-cert and --tls-key too"),
        ] {
            let text = refusal(&[&listen[..], &given].concat());
            assert!(text.starts_with(&beginning), "{text}");
            assert!(text.contains(missing), "{text}");
        }
    }
    open(&[&["--listen", "0.0.0.0:0"], &tls[..], &token].concat()).expect("both");
}

#[test]
fn this_machine_is_served_without() {
    for address in ["127.0.0.1:0", "127.8.0.1:0", "[::ffff:127.0.0.1]:0"] {
        open(&["--listen", address]).expect(address);
    }
}

#[test]
fn probes_are_served_to_everybody() {
    let server = open(&["--listen", "127.0.0.1:0", "--probe-listen", "0.0.0.0:0"]).unwrap();
    let address = server.probe_address().unwrap().expect("an address");
    assert!(address.ip().is_unspecified());
    assert_ne!(address.port(), 0);
}

#[test]
fn a_certificate_and_its_key_come_together() {
    let files = Files::new();
    for half in [
        ["--tls-cert", files.certificate.as_str()],
        ["--tls-key", files.key.as_str()],
    ] {
        let error = options(&half).map(drop).unwrap_err().to_string();
        assert!(error.contains("--tls-"), "{error}");
    }
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let files = Files::new();
    let listen = ["--listen", "127.0.0.1:0"];
    let refusal = |arguments: &[&str]| refusal(&[&listen[..], arguments].concat());
    let missing = format!("{}.missing", files.certificate);

    let text = refusal(&["--tls-cert", &missing, "--tls-key", &files.key]);
    let beginning = format!("--tls-cert, --tls-key: cannot read {missing}: ");
    assert!(text.starts_with(&beginning), "{text}");

    let both = format!(
        "--tls-cert, --tls-key: {}, {}: ",
        files.certificate, files.key
    );
    let other = SelfSigned::new();
    for (contents, reason) in [
        ("", "the first of them holds no certificate"),
        (other.key.as_str(), "the first of them holds no certificate"),
        (
            other.certificate.as_str(),
            "certificate and key cannot be used together",
        ),
    ] {
        fs::write(&files.certificate, contents).unwrap();
        let text = refusal(&["--tls-cert", &files.certificate, "--tls-key", &files.key]);
        assert!(text.starts_with(&format!("{both}{reason}")), "{text}");
    }
    fs::write(&files.certificate, &other.certificate).unwrap();
    fs::write(&files.key, &other.certificate).unwrap();
    let text = refusal(&["--tls-cert", &files.certificate, "--tls-key", &files.key]);
    assert_eq!(
        text,
        format!("{both}the second of them holds no private key as PEM")
    );

    for (contents, reason) in [
        ("\n", "there is no token in it; write one per line"),
        (
            "secret",
            "a token in it has less than 16 characters; make one with `openssl rand -hex 32`",
        ),
        (
            "correct horse battery staple",
            "a token in it has a space or another character that a bearer token cannot have; write one per line",
        ),
    ] {
        fs::write(&files.token, contents).unwrap();
        let text = refusal(&["--token-file", &files.token]);
        assert_eq!(text, format!("--token-file: {}: {reason}", files.token));
    }
}

#[test]
fn an_address_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for listen in ["--listen", "--probe-listen"] {
        let free = match listen {
            "--listen" => vec![],
            _ => vec!["--listen", "127.0.0.1:0"],
        };
        let text = refusal(&[&free[..], &[listen, &address]].concat());
        let beginning = format!("{listen} {address}: cannot listen there: ");
        assert!(text.starts_with(&beginning), "{text}");
        assert!(text.ends_with("; choose another address or port"), "{text}");
    }
}
