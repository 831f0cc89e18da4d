#include "exporters/snapshot/freshness.h"

#include "text/time.h"

namespace halfclosed::exporters {

std::string blindness(const Snapshot* snapshot, Instant now) {
    if (snapshot == nullptr) {
        return "the first poll is not complete";
    }
    if (!snapshot->fresh(now)) {
        return "the last poll was " + text::duration_text(now - snapshot->instant) + " ago";
    }
    if (!snapshot->closing) {
        return "the last closing poll got no answer from the kernel";
    }
    return {};
}

}  // namespace halfclosed::exporters
