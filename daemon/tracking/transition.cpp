#include "tracking/transition.h"

namespace halfclosed::tracking {

const char* name(Evidence evidence) {
    switch (evidence) {
        case Evidence::seen:
            return "seen";
        case Evidence::implied:
            return "implied";
        case Evidence::exact:
            return "exact";
    }
    return "unknown";
}

}  // namespace halfclosed::tracking
