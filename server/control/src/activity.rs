//! The activity log as a list.

use domain::{
    activity::{ActivityEntry, ActivityFilter},
    page::{Page, PageRequest},
};

use crate::{Control, Error};

impl Control {
    pub(crate) async fn activity_page(
        &self,
        filter: &ActivityFilter,
        page: PageRequest,
    ) -> Result<Page<ActivityEntry>, Error> {
        Ok(self.inner.store.read().await?.activity_page(filter, page).await?)
    }
}
