//! Interfaces by name.

use rtnetlink::packet_route::RouteNetlinkMessage;
use rtnetlink::packet_route::link::{InfoData, InfoVrf, LinkAttribute, LinkInfo, LinkMessage};

use super::session::{Session, Trouble};
use crate::targets::Error;

/// The number of an interface.
pub(super) async fn index(session: &Session, name: &str) -> Result<u32, Error> {
    let link = find(session, name).await?;
    Ok(link.header.index)
}

/// The table of a VRF device.
pub(super) async fn vrf_table(session: &Session, name: &str) -> Result<u32, Error> {
    let link = find(session, name).await?;
    table(&link).ok_or_else(|| {
        Error::Refused(format!(
            "interface {name} is no VRF device; name one that `ip link show type vrf` lists"
        ))
    })
}

async fn find(session: &Session, name: &str) -> Result<LinkMessage, Error> {
    let mut request = LinkMessage::default();
    request.attributes = vec![LinkAttribute::IfName(name.to_owned())];
    let missing = || {
        Error::Unavailable(format!(
            "there is no interface {name} in this network namespace; create it, or name another: ip link show"
        ))
    };
    let answers = match session.get(RouteNetlinkMessage::GetLink(request)).await {
        Err(Trouble::Refused(refusal)) if refusal.is_missing() => return Err(missing()),
        answers => {
            answers.map_err(|trouble| trouble.while_doing(&format!("look up interface {name}")))?
        }
    };
    answers
        .into_iter()
        .find_map(|message| match message {
            RouteNetlinkMessage::NewLink(link) => Some(link),
            _ => None,
        })
        .ok_or_else(missing)
}

fn table(link: &LinkMessage) -> Option<u32> {
    let infos = link
        .attributes
        .iter()
        .find_map(|attribute| match attribute {
            LinkAttribute::LinkInfo(infos) => Some(infos),
            _ => None,
        })?;
    infos.iter().find_map(|info| match info {
        LinkInfo::Data(InfoData::Vrf(data)) => data.iter().find_map(|datum| match datum {
            InfoVrf::TableId(number) => Some(*number),
            _ => None,
        }),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use rtnetlink::packet_route::link::InfoKind;

    use super::*;

    #[test]
    fn a_vrf_device_has_a_table() {
        let mut link = LinkMessage::default();
        link.attributes = vec![
            LinkAttribute::IfName("blue".to_owned()),
            LinkAttribute::LinkInfo(vec![
                LinkInfo::Kind(InfoKind::Vrf),
                LinkInfo::Data(InfoData::Vrf(vec![InfoVrf::TableId(1001)])),
            ]),
        ];
        assert_eq!(table(&link), Some(1001));
    }

    #[test]
    fn others_have_none() {
        let mut link = LinkMessage::default();
        link.attributes = vec![LinkAttribute::LinkInfo(vec![LinkInfo::Kind(
            InfoKind::Veth,
        )])];
        assert_eq!(table(&link), None);
        assert_eq!(table(&LinkMessage::default()), None);
    }
}
