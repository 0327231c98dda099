//! Receives the body of a request. Small ones are held; a large one that has only zero bytes is
//! received as their number, so that an upload of many gigabytes takes no memory.

use axum::body::{Body, Bytes};
use futures_util::StreamExt as _;

/// Up to this many bytes are held.
const HELD: usize = 64 * 1024 * 1024;
/// The largest body that is accepted if it is held.
const LARGEST: usize = 256 * 1024 * 1024;

/// The body of a request.
pub(super) enum ReceivedBody {
    /// Its bytes.
    Bytes(Bytes),
    /// As many zero bytes.
    Zeros(u64),
}

/// Receives a body; none when it breaks off, or is too large to be held.
pub(super) async fn receive(body: Body) -> Option<ReceivedBody> {
    let mut stream = body.into_data_stream();
    let (mut held, mut zeros, mut length) = (Vec::new(), true, 0_u64);
    while let Some(piece) = stream.next().await {
        let piece = piece.ok()?;
        length += piece.len() as u64;
        zeros &= piece.iter().all(|byte| *byte == 0);
        if zeros && length > HELD as u64 {
            held = Vec::new();
            continue;
        }
        if held.len() + piece.len() > LARGEST || held.len() as u64 + piece.len() as u64 != length {
            return None;
        }
        held.extend_from_slice(&piece);
    }
    let is_large = length > HELD as u64 && zeros;
    Some(if is_large { ReceivedBody::Zeros(length) } else { ReceivedBody::Bytes(held.into()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn received(pieces: &[&'static [u8]]) -> Option<ReceivedBody> {
        let pieces: Vec<std::io::Result<Bytes>> =
            pieces.iter().map(|piece| Ok(Bytes::from_static(piece))).collect();
        receive(Body::from_stream(futures_util::stream::iter(pieces))).await
    }

    #[tokio::test]
    async fn many_zeros_are_received_as_their_number_and_everything_else_as_it_is() {
        static ZEROS: [u8; HELD] = [0; HELD];
        let Some(ReceivedBody::Zeros(length)) = received(&[&ZEROS, &[0; 8]]).await else {
            panic!("not zeros");
        };
        assert_eq!(length, HELD as u64 + 8);
        assert!(received(&[&ZEROS, &[0; 8], &[1]]).await.is_none());
        for small in [&[0_u8; 4][..], b"a layer"] {
            let Some(ReceivedBody::Bytes(bytes)) = received(&[small]).await else {
                panic!("not held");
            };
            assert_eq!(bytes, small);
        }
        let Some(ReceivedBody::Bytes(bytes)) = received(&[&[1], &ZEROS]).await else {
            panic!("not held");
        };
        assert_eq!(bytes.len(), HELD + 1);
    }
}
