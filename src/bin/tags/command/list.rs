//! `tags list`

use tags::command::{self, list::Request};
use tags::report::Report;

use crate::args::{Global, List};
use crate::context::connect;
use crate::exit::{Exit, Failure};
use crate::{git, output};

pub(crate) async fn run(global: &Global, args: &List) -> Result<Exit, Failure> {
    let session = connect(global).await?;
    let git = git::log(session.environment(&args.env)?).await;
    let request = Request { environment: args.env.clone(), git, order: args.order };
    output::finish(&Report::List(command::list(&session, &request).await?), global)
}
