//! Requests to the kernel over rtnetlink, and what it answers.

use std::io;
use std::time::Duration;

use futures::{Stream, StreamExt};
use rtnetlink::Handle;
use rtnetlink::packet_core::{
    NLM_F_ACK, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST, NetlinkMessage, NetlinkPayload,
};
use rtnetlink::packet_route::RouteNetlinkMessage;
use rtnetlink::sys::AsyncSocket;
use tokio::task::JoinSet;

use super::refusal::Refusal;
use crate::targets::Error;

/// How long the kernel may take for one message. It answers at once, unless
/// the machine is in trouble.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many requests are under way at once. Their answers have to fit into
/// the socket's buffer: the kernel drops what does not.
const WINDOW: usize = 64;

/// How often a dump is asked for again after a change in the middle of it.
const DUMPS: usize = 10;

/// A socket to the kernel of the network namespace it was opened in.
pub(super) struct Session {
    handle: Handle,
    /// What the kernel calls the socket. Notices of changes made through it
    /// carry this number.
    pub(super) port: u32,
    /// Whether the kernel looks at the filters of a dump.
    strict: bool,
    _connection: JoinSet<()>,
}

/// Why a request came to nothing.
#[derive(Debug)]
pub(super) enum Trouble {
    Refused(Refusal),
    /// The socket does not answer as it should; it has to be opened anew.
    Broken(String),
}

impl Session {
    pub(super) fn open() -> Result<Self, Error> {
        Self::connect().map_err(|error| {
            Error::Unavailable(format!(
                "cannot open a netlink socket to the kernel: {error}; look for a limit on open files or a seccomp profile without AF_NETLINK"
            ))
        })
    }

    fn connect() -> io::Result<Self> {
        let (mut connection, handle, _) = rtnetlink::new_connection()?;
        // An answer that ends without its last message is not complete.
        connection.set_forward_ack(true);
        connection.set_forward_done(true);
        let socket = connection.socket_mut().socket_mut();
        // Kernels before 4.20 know neither; all they cost is time and words.
        let strict = socket.set_netlink_get_strict_chk(true).is_ok();
        let words = socket.set_ext_ack(true).and(socket.set_cap_ack(true));
        if let Err(error) = words {
            tracing::debug!(%error, "the kernel gives its reasons as numbers only");
        }
        let port = socket.bind_auto()?.port_number();
        let mut task = JoinSet::new();
        task.spawn(connection);
        Ok(Self {
            handle,
            port,
            strict,
            _connection: task,
        })
    }

    /// Whether the kernel itself picks out what a dump asks for; if not, it
    /// refuses nothing and sends everything.
    pub(super) fn filters(&self) -> bool {
        self.strict
    }

    /// Everything of a kind. Never a part of it.
    pub(super) async fn dump(
        &self,
        request: RouteNetlinkMessage,
    ) -> Result<Vec<RouteNetlinkMessage>, Trouble> {
        for _ in 0..DUMPS {
            let answer = exchange(self.handle.clone(), request.clone(), NLM_F_DUMP).await?;
            if !answer.interrupted {
                return Ok(answer.messages);
            }
        }
        Err(Trouble::Broken(format!(
            "the kernel's tables changed during each of {DUMPS} attempts to read them; look for a program that changes routes all the time: ip monitor"
        )))
    }

    /// One thing by its name.
    pub(super) async fn get(
        &self,
        request: RouteNetlinkMessage,
    ) -> Result<Vec<RouteNetlinkMessage>, Trouble> {
        let answer = exchange(self.handle.clone(), request, NLM_F_ACK).await?;
        Ok(answer.messages)
    }

    /// Makes a change.
    pub(super) async fn change(
        &self,
        request: RouteNetlinkMessage,
        flags: u16,
    ) -> Result<(), Trouble> {
        exchange(self.handle.clone(), request, NLM_F_ACK | flags)
            .await
            .map(drop)
    }

    /// Makes many changes, each with its flags. Says of each whether the
    /// kernel made it, in the order of the requests; an error when it makes
    /// none, now or ever.
    pub(super) async fn change_all(
        &self,
        requests: Vec<(RouteNetlinkMessage, u16)>,
    ) -> Result<Vec<Result<(), Refusal>>, Error> {
        let mut answers = futures::stream::iter(requests)
            .map(|(request, flags)| exchange(self.handle.clone(), request, NLM_F_ACK | flags))
            .buffered(WINDOW);
        let mut results = Vec::new();
        while let Some(answer) = answers.next().await {
            results.push(match answer {
                Ok(_) => Ok(()),
                Err(Trouble::Refused(refusal)) if !refusal.is_permission() => Err(refusal),
                Err(trouble) => return Err(trouble.while_doing("change routes")),
            });
        }
        Ok(results)
    }
}

async fn exchange(
    mut handle: Handle,
    request: RouteNetlinkMessage,
    flags: u16,
) -> Result<Answer, Trouble> {
    let mut message = NetlinkMessage::from(request);
    message.header.flags = NLM_F_REQUEST | flags;
    let answers = handle.request(message).map_err(|_| Trouble::closed())?;
    collect(answers).await
}

#[derive(Default)]
struct Answer {
    messages: Vec<RouteNetlinkMessage>,
    /// Something changed between two parts of it.
    interrupted: bool,
}

async fn collect(
    mut answers: impl Stream<Item = NetlinkMessage<RouteNetlinkMessage>> + Unpin,
) -> Result<Answer, Trouble> {
    let mut answer = Answer::default();
    loop {
        let message = tokio::time::timeout(PATIENCE, answers.next())
            .await
            .map_err(|_| {
                Trouble::Broken(format!(
                    "the kernel did not answer within {} s; a new socket is opened",
                    PATIENCE.as_secs()
                ))
            })?
            .ok_or_else(Trouble::closed)?;
        answer.interrupted |= message.header.flags & NLM_F_DUMP_INTR != 0;
        match message.payload {
            NetlinkPayload::InnerMessage(inner) => answer.messages.push(inner),
            NetlinkPayload::Done(done) if done.code < 0 => {
                return Err(Trouble::Refused(Refusal::of_dump(done.code)));
            }
            NetlinkPayload::Done(_) => return Ok(answer),
            NetlinkPayload::Error(error) => {
                return match Refusal::of(&error, message.header.flags) {
                    Some(refusal) => Err(Trouble::Refused(refusal)),
                    None => Ok(answer),
                };
            }
            _ => {
                return Err(Trouble::Broken(
                    "the kernel's answers did not fit into the socket's buffer; a new socket is opened"
                        .to_owned(),
                ));
            }
        }
    }
}

impl Trouble {
    fn closed() -> Self {
        Self::Broken("the netlink socket to the kernel is closed; a new one is opened".to_owned())
    }

    /// As the error of a whole read or write.
    pub(super) fn while_doing(self, what: &str) -> Error {
        match self {
            Self::Refused(refusal) if refusal.is_permission() => Error::Refused(format!(
                "the kernel does not let podroute {what}: {refusal}; it needs CAP_NET_ADMIN in the network namespace of the routes: AmbientCapabilities=CAP_NET_ADMIN in a systemd unit, securityContext.capabilities.add: [NET_ADMIN] in a pod"
            )),
            Self::Refused(refusal) => {
                Error::Unavailable(format!("cannot {what}: the kernel says {refusal}"))
            }
            Self::Broken(reason) => Error::Unavailable(format!("cannot {what}: {reason}")),
        }
    }
}
