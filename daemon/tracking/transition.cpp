#include "tracking/transition.h"

namespace halfclosed::tracking {

const char* name(Evidence evidence) {
    return evidence == Evidence::seen ? "seen" : "implied";
}

}  // namespace halfclosed::tracking
