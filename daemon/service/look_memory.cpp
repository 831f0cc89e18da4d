#include "service/look_memory.h"

#include "exporters/snapshot/snapshot.h"
#include "text/log.h"

namespace halfclosed {

void LookMemory::note(const tracking::Changes& changes, WallTime time,
                      const exporters::Snapshot* before) {
    if (before != nullptr) {
        exemplars_.note(changes, time, *before);
        shown_exemplars_.reset();
    }
}

void LookMemory::count_unaccounted(exporters::Snapshot& snapshot) {
    snapshot.unaccounted = unaccounted_.observe(snapshot);
    // Told once, until it is over.
    const std::string sentence = exporters::unaccounted_sentence(snapshot);
    if (!sentence.empty() && !told_unaccounted_) {
        log::warn("{}", sentence);
    }
    told_unaccounted_ = !sentence.empty();
}

void LookMemory::fill(exporters::Snapshot& snapshot) {
    snapshot.recent_leaks = leaks_.recent(snapshot.instant);
    snapshot.growth = growth_.growth();
    if (!shown_exemplars_) {
        shown_exemplars_ = std::make_shared<const exporters::DurationExemplars>(exemplars_);
    }
    snapshot.exemplars = shown_exemplars_;
}

void LookMemory::observe(const exporters::Snapshot& snapshot) {
    if (snapshot.closing) {
        leaks_.observe(snapshot);
        growth_.observe(snapshot);
    }
}

}  // namespace halfclosed
