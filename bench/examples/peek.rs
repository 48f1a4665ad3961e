//! Scratch: frames as PNG, and the rendering speed.
use countermark_bench::samples::sample_set;
fn main() {
    for spec in sample_set() {
        let started = std::time::Instant::now();
        let mut n = 0;
        let every = 24;
        let _: Result<(), ()> = spec.render(|p| {
            if n % every == 12 {
                let mut image = image::RgbImage::new(p.width as u32, p.height as u32);
                let s = f32::from(1u16 << (p.bit_depth - 8));
                for (x, y, px) in image.enumerate_pixels_mut() {
                    let l = (f32::from(p.y[y as usize * p.width + x as usize]) / s - 16.0) * 255.0
                        / 219.0;
                    let c = (y as usize / 2) * p.width / 2 + x as usize / 2;
                    let (cb, cr) = (f32::from(p.u[c]) / s - 128.0, f32::from(p.v[c]) / s - 128.0);
                    *px = image::Rgb(
                        [l + 1.793 * cr, l - 0.213 * cb - 0.533 * cr, l + 2.112 * cb]
                            .map(|v| v.clamp(0.0, 255.0) as u8),
                    );
                }
                image
                    .save(format!("/tmp/peek/{}-{n:03}.png", spec.name))
                    .unwrap();
            }
            n += 1;
            Ok(())
        });
        println!(
            "{} {} frames {:.1} fps",
            spec.name,
            n,
            n as f32 / started.elapsed().as_secs_f32()
        );
    }
}
