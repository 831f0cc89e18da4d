#include "tracking/transition.h"

namespace halfclosed::tracking {

const char* name(Evidence evidence) {
    return evidence == Evidence::seen ? "seen" : "implied";
}

const char* name(FinWait2End end) {
    switch (end) {
        case FinWait2End::peer_closed:
            return "peer_closed";
        case FinWait2End::expired:
            return "expired";
        case FinWait2End::killed:
            return "killed";
    }
    return "unknown";
}

const char* name(CloseWaitEnd end) {
    return end == CloseWaitEnd::closed ? "closed" : "aborted";
}

}  // namespace halfclosed::tracking
