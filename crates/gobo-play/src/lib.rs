//! Clock, transport and the real-time loop that streams a canvas.
