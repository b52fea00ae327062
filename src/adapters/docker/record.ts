import { toolProtocol } from '../../claude/launch/protocol.ts'
import type { FoundRecord, LaunchRecord } from '../../hosting/outdated.ts'
import type { DockerHost } from './host.ts'
import { imageId } from './image.ts'

/** What a launch would run on now: image and tools; null when the image cannot be read. */
export async function recordNow({
  engine,
  image,
  tools,
}: Pick<DockerHost, 'engine' | 'image' | 'tools'>): Promise<LaunchRecord | null> {
  const [id, { build }] = await Promise.all([imageId(engine, image), tools.ready()])
  return id === null
    ? null
    : { protocol: String(toolProtocol.newest), build: `${id}${separator}${build}` }
}

/** The tools of a launch by its record; undefined for a launch whose image has the tools. */
export const toolsIn = ({ build }: FoundRecord): string | undefined => build?.split(separator)[1]

const separator = ' tools '
