//! The requests of the library to both management APIs: each must be one that is described.

use crate::description::Description;
use crate::world::World;

#[tokio::test]
async fn every_request_of_the_library_is_described() {
    let (Some(docr), Some(ghcr)) = (Description::docr(), Description::ghcr()) else { return };
    let world = World::empty().fill(|_| false);
    world.inventory("prod").await;
    let mut asked = 0;
    for (sandbox, description, is_api) in
        [(&world.docr, &docr, "/v2/registries"), (&world.ghcr, &ghcr, "/orgs/")]
    {
        for request in sandbox.requests() {
            if request.path().starts_with(is_api) || request.path().starts_with("/users/") {
                description.assert_requested(&request.method, &request.target);
                asked += 1;
            }
        }
    }
    assert!(asked > 4, "{asked}");
}
